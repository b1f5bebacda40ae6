@kind-offline-sdk
Feature: From the card to the bank, through the app

  @EX-10
  Scenario: A card that was not confirmed within thirty seconds is asked for again
    Given a sale of 21.80 USD
    And the line stalls once the card is asked for
    And the customer has tapped an approved card
    And the reader has forgotten the card before it was confirmed
    And the cashier asks for a card again if the reader is at rest
    When the customer presents an approved card as often as the reader asks
    Then the sale is paid
    And the customer has been charged 21.80 USD
