@needs-receipt
Feature: Receipts

  @DC-03.1 @DC-03.2 @FD-73
  Scenario: The receipt names the card application and its AID
    Given a sale of 20.00 USD that was paid
    When the cashier asks for a receipt
    Then the receipt names the card application

  @DC-03.2 @FD-73
  Scenario: The receipt of a card that was read by its chip names the card application, too
    Given a sale of 31.20 USD
    And the customer has paid with chip and PIN
    When the cashier asks for a receipt
    Then the receipt names the card application
    And the receipt shows what was charged

  @FD-73
  Scenario: The receipt shows no more of the card than its last four digits
    Given a sale of 20.00 USD that was paid
    When the cashier asks for a receipt
    Then the receipt names the card by its last digits only

  @DC-03.1
  Scenario: A small payment gets a receipt like any other
    Given a sale of 2.40 USD that was paid
    When the cashier asks for a receipt
    Then the customer gets a receipt

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

  @FD-74 @needs-tip_on_receipt
  Scenario: The receipt of a tip that was written by hand shows the amount with the tip
    Given a sale of 42.00 USD held on the customer's card
    And the cashier has added a tip of 6.30 USD
    When the cashier asks for a receipt
    Then the receipt shows what was charged

  @FD-74 @needs-edit_sale @needs-retry
  Scenario: The receipt of a sale that was changed after a decline shows the new amount
    Given a sale of 45.60 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier changes the sale to 32.10 USD
    And the cashier asks for a card again
    And the customer has paid with an approved card
    When the cashier asks for a receipt
    Then the receipt shows what was charged

  @FD-74
  Scenario: A declined card gets no receipt that reads like a payment
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the cashier asks for a receipt
    Then no receipt says that the sale was paid

  @FD-74 @DC-03.4 @needs-refund
  Scenario: The receipt of a refunded sale shows what was charged and what was given back
    Given a sale of 48.00 USD that was paid
    And the cashier has refunded 13.40 USD
    When the cashier asks for a receipt
    Then the receipt shows what was charged
    And the receipt shows what was given back

  @DC-03.4
  Scenario: A receipt can be had a second time
    Given a sale of 20.00 USD that was paid
    And the cashier has asked for a receipt
    When the cashier asks for a receipt
    Then the receipt is the same as before

  @DC-03.4 @needs-end_of_day
  Scenario: A receipt can be had after the day was closed
    Given a sale of 20.00 USD that was paid
    And the cashier has asked for a receipt
    And the cashier has closed the day
    When the cashier asks for a receipt
    Then the receipt is the same as before

  @DC-03.4 @needs-restart
  Scenario: A receipt can be had after the till lost power
    Given a sale of 20.00 USD that was paid
    And the cashier has asked for a receipt
    And the till loses power
    And the till is started again
    When the cashier asks for a receipt
    Then the receipt is the same as before

  @FD-75
  Scenario: A receipt that cannot be made leaves the sale paid and can be asked for again
    Given a sale of 20.00 USD that was paid
    And the till would ask Stripe in vain
    And the cashier has asked for a receipt
    And the sale is still shown as paid
    And the network recovers
    When the cashier asks for a receipt
    Then the sale is paid
    And the receipt shows what was charged
