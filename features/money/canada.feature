@country-CA @needs-interac
Feature: A shop in Canada

  @EX-17 @FD-23
  Scenario: An Interac payment is collected at once and not a second time
    Given a sale of 26.40 CAD
    When the customer presents an Interac card
    Then the card's money was collected at once
    And what was collected is not collected again
    And the sale is paid
    And the customer has been charged 26.40 CAD

  @EX-18 @FD-51 @needs-refund
  Scenario: An Interac payment is refunded at the reader to the card that paid
    Given a sale of 26.40 CAD
    And the customer has paid with an Interac card
    And the cashier has refunded 8.80 CAD
    When the customer presents the card that paid
    Then the card that paid has been given back 8.80 CAD at the reader
    And the customer has been charged 26.40 CAD

  @FD-51 @EX-18 @needs-refund
  Scenario: An Interac refund to another card is not counted as made
    Given a sale of 26.40 CAD
    And the customer has paid with an Interac card
    And the cashier has refunded 8.80 CAD
    When the customer presents another card
    Then the refund is not counted as made
    And the customer has been refunded 0.00 CAD

  @FD-31 @needs-refund @needs-cancel_on_reader
  Scenario: An Interac refund that the customer cancels on the reader is not counted as made
    Given a sale of 26.40 CAD
    And the customer has paid with an Interac card
    And the cashier has refunded 8.80 CAD
    When the customer cancels the refund on the reader
    Then the refund is not counted as made
    And the customer has been refunded 0.00 CAD

  @EX-18 @FD-51 @FD-49 @needs-refund
  Scenario: An Interac refund that failed can be made again, and is made once
    Given a sale of 26.40 CAD
    And the customer has paid with an Interac card
    And the cashier has refunded 8.80 CAD
    And the customer has presented another card for it
    And the cashier has refunded 8.80 CAD
    When the customer presents the card that paid
    Then the card that paid has been given back 8.80 CAD at the reader
