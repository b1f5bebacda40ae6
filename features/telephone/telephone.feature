@needs-moto
Feature: Orders by telephone

  @EX-38
  Scenario: A card told by telephone is typed in at the reader and charged once
    Given an order of 34.00 USD by telephone
    When the customer tells the number of an approved card
    Then the card's number was typed in
    And the sale is paid
    And the customer has been charged 34.00 USD

  @EX-38
  Scenario: A customer at the counter is never asked for a card number
    When the cashier starts a sale of 20.00 USD
    Then no number was asked for

  @EX-38 @needs-show_cart
  Scenario: The cart leaves the reader before a card number is typed in
    Given a cart of 34.00 USD on the reader
    When the goods of the cart are ordered by telephone
    Then the cart had left the reader before a number was asked for
