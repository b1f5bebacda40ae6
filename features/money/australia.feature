@country-AU
Feature: A shop in Australia

  @EX-17 @FD-23
  Scenario: An eftpos payment is collected at once and not a second time
    Given a sale of 27.60 AUD
    When the customer presents an eftpos card
    Then the card's money was collected at once
    And what was collected is not collected again
    And the sale is paid
    And the customer has been charged 27.60 AUD

  @FD-23 @EX-17
  Scenario: A Visa card whose holder picks eftpos on the reader is paid once
    Given a sale of 32.80 AUD
    When the customer inserts an eftpos and Visa card and picks eftpos
    Then what was collected is not collected again
    And the sale is paid
    And the customer has been charged 32.80 AUD
