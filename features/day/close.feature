@needs-end_of_day
Feature: The end of the day

  @DC-04.1 @needs-books
  Scenario: The day closes when till and Stripe agree
    Given a sale of 20.00 USD that was paid
    When the cashier closes the day
    Then the day was closed
    And the till's books and Stripe's agree
    And the sale is paid

  @DC-04.1 @needs-differences
  Scenario: A day without a difference names none
    Given a sale of 20.00 USD that was paid
    When the cashier closes the day
    Then the closing names no difference for the sale

  @DC-04.1 @needs-differences
  Scenario: A refund made behind the till's back is named when the day is closed
    Given webhooks are lost
    And a sale of 20.00 USD that was paid
    And somebody has refunded 5.00 USD at Stripe, not at the till
    When the cashier closes the day
    Then the closing names the sale as different

  @DC-04.1 @needs-differences @needs-tip_on_receipt
  Scenario: A part collected behind the till's back is named when the day is closed
    Given webhooks are lost
    And a sale of 42.00 USD held on the customer's card
    And somebody has collected 30.00 USD at Stripe, not at the till
    When the cashier closes the day
    Then the closing names the sale as different
    And the sale is not shown as paid

  @DC-04.3 @FD-02 @own-capture
  Scenario: Money that was owed but never collected is collected at the end of the day
    Given Stripe fails collecting the money until the network recovers
    And a sale of 20.00 USD
    And the customer has tapped an approved card
    And the till has met the failure
    And the network recovers
    When the cashier closes the day
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @DC-04.2 @FD-21
  Scenario: A payment nobody finished does not stay open past the end of the day
    Given Stripe's answers to creating the payment are lost 4 times
    And a sale of 20.00 USD that could not be sent to the reader
    When the cashier closes the day
    Then nothing of the sale is left open

  @FD-72 @own-capture
  Scenario: The eleventh open payment is found, too
    Given Stripe fails collecting the money until the network recovers
    And 11 sales of 20.00 USD whose cards were approved
    And the network recovers
    When the cashier closes the day
    Then every sale is paid

  @DC-02.3 @FD-09 @needs-tip_on_receipt
  Scenario: A hold that has lapsed is not counted as money
    Given a sale of 42.00 USD held on the customer's card
    When a week passes
    Then the till no longer counts on the money
    And the customer has been charged 0.00 USD
