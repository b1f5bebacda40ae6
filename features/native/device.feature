@guided @kind-native
Feature: What a hand at the device shows

  @FD-81 @DC-02.2 @DC-02.1
  Scenario: A sale taken on the device is charged once and shown as paid
    Given somebody at the device takes a sale of 24.50 USD with a card that is approved
    When they say what the device shows
    Then the sale is paid
    And the customer has been charged 24.50 USD
    And what they saw counts for 180 days

  @FD-81 @EX-01
  Scenario: A card that is declined on the device is charged nothing and shown as not paid
    Given somebody at the device takes a sale of 21.50 USD with a card that is declined
    When they say what the device shows
    Then the sale is not paid
    And the customer has been charged 0.00 USD
    And what they saw counts for 180 days

  @FD-04 @FD-22
  Scenario: Pay pressed twice on the device makes one payment
    Given somebody at the device takes a sale of 22.60 USD and presses Pay twice in quick succession
    When they say what the device shows
    Then the sale is paid
    And the customer has been charged 22.60 USD
    And what they saw counts for 180 days

  @FD-14 @needs-cancel
  Scenario: A sale cancelled on the device while it waits for a card charges nothing
    Given somebody at the device takes a sale of 18.40 USD and cancels it while the reader waits for a card
    When they say what the device shows
    Then the sale is not paid
    And the customer has been charged 0.00 USD
    And what they saw counts for 180 days

  @FD-01 @FD-81
  Scenario: A device that loses its network at the tap ends up showing what Stripe holds
    Given somebody at the device takes a sale of 26.70 USD and switches its network off right after the tap, and on again a minute later
    When they say what the device shows
    Then the device has shown what Stripe holds
    And what they saw counts for 180 days

  @FD-80 @FD-03
  Scenario: An app that is killed after the tap shows what became of the sale when it is opened again
    Given somebody at the device takes a sale of 27.80 USD and kills the app right after the tap, opens it again and looks for the sale
    When they say what the device shows
    Then the device has shown what Stripe holds
    And what they saw counts for 180 days

  @FD-32 @EX-15
  Scenario: A reader that is switched off before the card does not lose the sale
    Given somebody at the device takes a sale of 28.30 USD and switches the reader off before the card, then on, and finishes the sale as the app offers
    When they say what the device shows
    Then the sale is paid
    And the customer has been charged 28.30 USD
    And what they saw counts for 180 days

  @FD-49 @FD-50 @needs-refund
  Scenario: A refund given on the device returns the amount once
    Given somebody at the device takes a sale of 23.10 USD with a card that is approved
    And they have said what the device shows
    When somebody at the device gives 23.10 USD back
    Then the customer has been refunded 23.10 USD
    And what they saw counts for 180 days

  @FD-35 @needs-offline
  Scenario: A payment stored on the device is charged once when its network is back
    Given somebody at the device takes a sale of 19.60 USD and does so with its network off, then switches it on and waits until nothing is stored
    When they say what the device shows
    Then the sale is paid
    And the customer has been charged 19.60 USD
    And what they saw counts for 180 days
