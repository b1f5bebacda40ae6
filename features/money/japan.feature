@currency-jpy
Feature: A shop in Japan, whose money has no decimals

  @FD-05
  Scenario: A sale in yen is charged in yen and not in hundredths of one
    Given a sale of 1,000 JPY
    When the customer presents an approved card
    Then the card was asked for the amount on the till
    And the sale is paid
    And the customer has been charged 1,000 JPY

  @FD-49 @needs-refund
  Scenario: A refund in yen gives back yen and not hundredths of one
    Given a sale of 1,000 JPY that was paid
    When the cashier refunds 400 JPY
    Then the customer has been refunded 400 JPY

  @FD-07 @needs-edit_sale @needs-retry
  Scenario: A sale in yen that was changed after a decline is charged its new amount
    Given a sale of 1,000 JPY
    And the customer's first card is declined for insufficient_funds
    And the cashier changes the sale to 1,480 JPY
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the card was asked for the amount on the till
    And the customer has been charged the amount on the till

  @FD-74 @needs-receipt @needs-refund
  Scenario: The receipt of a sale in yen shows what was charged and what was given back
    Given a sale of 1,000 JPY that was paid
    And the cashier has refunded 400 JPY
    When the cashier asks for a receipt
    Then the receipt shows what was charged
    And the receipt shows what was given back
