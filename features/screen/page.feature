@needs-page @page
Feature: The page a cashier works at

  @FD-81 @FD-02
  Scenario: The page says paid once the money is collected
    Given a sale of 20.00 USD started at the page
    When the customer presents an approved card
    Then the page says paid
    And the customer has been charged 20.00 USD

  @FD-81
  Scenario: The page says not paid after a decline
    Given a sale of 20.00 USD started at the page
    When the customer presents a card declined for insufficient_funds
    Then the page says not paid
    And the customer has been charged 0.00 USD

  @FD-04
  Scenario: A double click on the page makes one payment
    Given a sale of 20.00 USD started at the page with a double click
    When the customer presents an approved card
    Then the customer has been charged 20.00 USD

  @FD-80 @FD-03
  Scenario: A page loaded anew shows the sale where it stands
    Given a sale of 20.00 USD started at the page
    And the page is loaded anew
    When the customer presents an approved card
    Then the page says paid
    And the customer has been charged 20.00 USD

  @FD-14 @needs-cancel
  Scenario: A sale cancelled at the page clears the reader
    Given a sale of 20.00 USD started at the page
    When the cashier cancels at the page
    Then the reader is at rest
    And the customer has been charged 0.00 USD

  @FD-81 @FD-01 @kind-server-driven
  Scenario: The page calls no payment failed while Stripe cannot be asked
    Given a sale of 20.00 USD started at the page
    And the till is cut off from Stripe
    And the customer has tapped an approved card
    And the till has met the failure
    And the sale is not shown as paid
    When the network recovers
    Then the cashier was never told not paid
    And the page says paid
