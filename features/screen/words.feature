@needs-guidance
Feature: What the cashier reads when something goes wrong

  @FD-82
  Scenario: A decline is told with a reference and a next step
    Given a sale of 20.00 USD
    When the customer presents a card declined for insufficient_funds
    Then the cashier reads words, a reference and a next step

  @FD-82
  Scenario: A reader that is offline is told with a reference and a next step
    Given the reader is offline
    When the cashier starts a sale of 20.00 USD
    Then the cashier reads words, a reference and a next step

  @FD-82
  Scenario: A Stripe that fails is told with a reference and a next step
    Given Stripe fails creating the payment 4 times
    When the cashier starts a sale of 20.00 USD
    Then the cashier reads words, a reference and a next step
