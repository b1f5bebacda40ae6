Feature: Cards that are read before they are charged

  @EX-13
  Scenario: A card that needs its PIN is charged through the reader
    Given a sale of 20.00 USD
    When the customer presents a card with online PIN
    Then no server confirmed the payment past the reader
    And the sale is paid
    And the customer has been charged 20.00 USD

  @EX-10 @needs-collect_first
  Scenario: A card that is read first is then charged once, through the reader
    Given a sale of 26.00 USD whose card is read before it is charged
    When the customer presents an approved card
    Then no server confirmed the payment past the reader
    And the sale is paid
    And the customer has been charged 26.00 USD

  @EX-10 @needs-collect_first
  Scenario: A card that was read is charged or let go within half a minute
    Given a sale of 26.00 USD whose card is read before it is charged
    And the customer has tapped an approved card
    When half a minute passes
    Then the card was charged or let go in time
