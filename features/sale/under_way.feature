Feature: What staff do while a payment is under way

  @FD-19 @needs-end_of_day
  Scenario: A day that is closed over a payment does not lose it
    Given a sale of 20.00 USD
    And the cashier closes the day while the reader asks for a card
    When the customer presents an approved card if the reader asks for one
    Then the word at the till matches the books

  @FD-19 @FD-07 @needs-edit_sale
  Scenario: A sale changed while the bank is answering is charged what the till shows
    Given the bank will answer slowly
    And a sale of 20.00 USD
    And the customer has tapped an approved card
    And the cashier changes the sale to 25.00 USD while the bank is answering
    When the bank answers
    Then the sale is paid
    And the customer has been charged the amount on the till

  @FD-19 @FD-24 @needs-finish_by_hand
  Scenario: A sale is not finished by hand over a payment under way
    Given a sale of 20.00 USD
    And the manager finishes the sale by hand while the reader asks for a card
    When the customer presents an approved card if the reader asks for one
    Then the word at the till matches the books
