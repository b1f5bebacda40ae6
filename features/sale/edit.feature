Feature: Changing a sale before it is paid

  @FD-07 @EX-11 @needs-edit_sale @needs-retry
  Scenario: A sale changed after a decline is charged at its new amount
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier changes the sale to 32.00 USD
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged the amount on the till

  @FD-07 @EX-11 @needs-edit_sale
  Scenario: A sale changed while the reader asks for a card is charged what the till shows
    Given a sale of 20.00 USD
    And the cashier changes the sale to 25.00 USD
    When the customer presents an approved card
    Then the customer has been charged the amount on the till
