@needs-offline
Feature: A payment taken without a network

  @FD-39
  Scenario: A payment taken without a network is shown as stored, not as approved
    Given the shop has no network
    And a sale of 23.20 USD
    When the customer presents an approved card as often as the reader asks
    Then the cashier is told the payment is stored, not approved
    And the customer has been charged 0.00 USD

  @FD-39
  Scenario: A payment whose network goes between the amount and the card is stored, not approved
    Given a sale of 18.60 USD
    And the shop loses its network
    When the customer presents an approved card as often as the reader asks
    Then the cashier is told the payment is stored, not approved
    And the customer has been charged 0.00 USD

  @EX-28
  Scenario: A stored payment reaches Stripe under the till's own id, and the till hears of it by itself
    Given the shop has no network
    And a sale of 21.40 USD stored without a network
    When the network recovers
    Then the payment at Stripe carries the till's own id of the sale
    And the sale is paid
    And the customer has been charged 21.40 USD

  @FD-35
  Scenario: A stored payment is not taken again when the cashier asks for a card once more
    Given the shop has no network
    And a sale of 16.40 USD stored without a network
    And the cashier asks for a card again
    And the customer has presented an approved card if the till asked for one
    When the network recovers
    Then the sale is paid
    And the customer has been charged 16.40 USD
