@needs-offline
Feature: Stored payments are sent

  @FD-35
  Scenario: Stored payments are charged once although the line breaks while they are sent
    Given the shop has no network
    And a sale of 21.40 USD stored without a network
    And a sale of 18.20 USD stored without a network
    When the network recovers, and the first 2 answers to sending a stored payment are lost
    Then every sale is paid
    And each sale is charged once

  @FD-35
  Scenario: A sale made while stored payments are sent changes nothing about them
    Given the shop has no network
    And a sale of 14.60 USD stored without a network
    And a sale of 7.80 USD stored without a network
    When the network recovers, and a customer pays while the stored payments are sent
    Then every sale is paid
    And each sale is charged once

  @FD-35
  Scenario: A stored payment that the SDK sends twice is charged once
    Given the SDK will send a stored payment twice
    And the shop has no network
    And a sale of 26.40 USD stored without a network
    When the network recovers
    Then the sale is paid
    And the customer has been charged 26.40 USD

  @FD-35 @FD-37 @needs-restart
  Scenario: As many stored payments come out as went in when the till dies while it sends them
    Given the shop has no network
    And a sale of 21.40 USD stored without a network
    And a sale of 18.20 USD stored without a network
    And the till loses power while it sends them
    When the till is started again
    Then every sale is paid
    And each sale is charged once

  @FD-36
  Scenario: A stored payment that its bank declines turns up as a loss somebody owns
    Given the shop has no network
    And a sale of 32.60 USD stored on a card its bank will decline
    When the network recovers
    Then the sale is not paid
    And the payment is listed as lost, with somebody to see to it
    And the customer has been charged 0.00 USD

  @FD-36
  Scenario: The till's sums keep what was lost apart from what is stored
    Given the shop has no network
    And a sale of 12.60 USD stored on a card its bank will decline
    When the network recovers
    Then the till's sums count it as lost

  @FD-40
  Scenario: Two equal stored payments each find their own sale when they are sent
    Given the shop has no network
    And a sale of 22.40 USD stored on a Visa debit card
    And a sale of 22.40 USD stored on a Mastercard card
    When the network recovers
    Then the first sale is charged on the Visa card and the second on the Mastercard card
    And every sale is paid

  @FD-42 @own-capture
  Scenario: A stored payment is collected as soon as it was sent, also where collecting fails at first
    Given the shop has no network
    And a sale of 19.60 USD stored without a network
    When the network recovers, and Stripe fails collecting the money 4 times at first
    Then the sale is paid
    And the customer has been charged 19.60 USD

  @FD-42 @needs-clock @last
  Scenario: A stored payment that waits for three days raises an alarm
    Given the shop has no network
    And a sale of 27.40 USD stored without a network
    When 3 days pass
    Then the payment is listed as waiting too long
