Feature: One try after another

  @FD-17 @needs-cancel @needs-retry @on-device
  Scenario: Cancelling a sale that was tried again stops the try under way
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier asks for a card again
    When the cashier cancels the sale
    Then the reader is at rest
    And the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-17 @needs-retry @on-device
  Scenario: A sale that is tried again is not told as it ended before
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the cashier asks for a card again
    Then the till does not call the try under way ended

  @EX-02 @on-device
  Scenario: The next sale does not push the one before off its reader unnoticed
    Given a sale of 12.00 USD
    When the next sale of 34.00 USD is started on the same reader
    Then the word on every sale matches the books

  @EX-02 @on-device
  Scenario: A payment that the bank is answering is not pushed off its reader
    Given the bank will answer slowly
    And a sale of 12.00 USD
    And the customer has tapped an approved card
    And the next sale of 34.00 USD is started on the same reader
    When the bank answers
    Then the word on every sale matches the books
    And neither sale was paid by the other's payment
