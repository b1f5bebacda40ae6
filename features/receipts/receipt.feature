@needs-receipt
Feature: Receipts

  @DC-03.1 @DC-03.2 @FD-73
  Scenario: The receipt names the card application and its AID
    Given a sale of 20.00 USD that was paid
    When the cashier asks for a receipt
    Then the receipt names the card application

  @FD-74
  Scenario: The receipt shows the amount that was charged
    Given a sale of 20.00 USD that was paid
    When the cashier asks for a receipt
    Then the receipt shows what was charged

  @FD-74 @needs-tip_on_reader
  Scenario: The receipt of a sale with a tip shows the amount with the tip
    Given a sale of 20.00 USD paid with a tip of 4.00 USD
    When the cashier asks for a receipt
    Then the receipt shows what was charged
