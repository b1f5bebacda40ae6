@needs-offline
Feature: What is taken without a network is limited

  @FD-38 @EX-29
  Scenario: Without a network a sale above the limit for one is refused before a card is asked for
    Given the shop has no network
    When the cashier starts a sale above the till's own limit for one
    Then the sale is refused before a card is asked for

  @FD-38
  Scenario: Without a network nothing above 10,000 USD is taken
    Given the shop has no network
    When the cashier starts a sale of 10,000.20 USD
    Then the sale is refused before a card is asked for

  @FD-38 @EX-29
  Scenario: Without a network no more is taken once the limit for all is reached
    Given the shop has no network
    And as much is stored as the till lets wait
    When the cashier starts one more sale
    Then the sale is refused before a card is asked for

  @FD-38 @needs-restart
  Scenario: The limit for all still holds after the till was started again
    Given the shop has no network
    And as much is stored as the till lets wait
    And the till loses power
    And the till is started again
    When the cashier starts one more sale
    Then the sale is refused before a card is asked for
