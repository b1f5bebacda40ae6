@needs-offline
Feature: A till that starts, or goes on, without a network

  @FD-41 @needs-restart
  Scenario: A till that is started without a network takes a payment or says why it cannot
    Given the shop has no network
    And the till loses power
    And the till is started again
    And a sale of 15.40 USD
    When the customer presents an approved card if the till asks for one
    Then the payment is stored, or the till says why not

  @FD-41
  Scenario: Without a network an expired card is not taken for a payment
    Given the shop has no network
    And a sale of 17.60 USD
    When the customer presents a card declined for expired_card
    Then the card is refused, or another one is asked for

  @FD-41 @needs-restart @needs-clock @last
  Scenario: A till whose reader was not online for 31 days takes no payment without a network, and says why
    Given the shop has no network
    And 31 days have passed
    And the till loses power
    And the till is started again
    When the cashier starts a sale of 14.40 USD
    Then the sale is refused before a card is asked for
