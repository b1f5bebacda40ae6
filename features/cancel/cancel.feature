Feature: Cancelling a sale

  @FD-14 @EX-09 @needs-cancel @smoke
  Scenario: A cancelled sale clears the reader and charges nothing
    Given a sale of 20.00 USD
    When the cashier cancels the sale
    Then the reader is at rest
    And the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-14 @needs-cancel
  Scenario: A card presented after the cancel is not charged
    Given a sale of 20.00 USD
    And the cashier has cancelled the sale
    When the customer presents an approved card if the reader asks for one
    Then the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-15 @EX-07 @needs-cancel
  Scenario: A cancel that comes too late is not taken for a cancelled payment
    Given the bank will answer slowly
    And a sale of 20.00 USD
    And the customer has tapped an approved card
    And the cashier has cancelled the sale
    When the bank answers
    Then the word at the till matches the books
    And the reader is at rest

  @FD-15 @needs-cancel
  Scenario: A cancel during an authorization that is declined charges nothing
    Given the bank will answer slowly
    And a sale of 20.00 USD
    And the customer has tapped a card declined for insufficient_funds
    And the cashier has cancelled the sale
    When the bank answers
    Then the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-53 @DC-04.2 @needs-cancel @needs-tip_on_receipt
  Scenario: Cancelling a held sale lets the money go without a refund
    Given a sale of 42.00 USD held on the customer's card
    When the cashier cancels the sale
    Then 0.00 USD is held on the card
    And no refund was made for money that was never taken
    And the sale is not paid

  @FD-53 @needs-cancel
  Scenario: A paid sale cannot be cancelled into an unpaid one
    Given a sale of 20.00 USD that was paid
    When the cashier cancels the sale
    Then the word at the till matches the books
    And the customer has been charged 20.00 USD

  @FD-16 @needs-cancel
  Scenario: A cancelled sale does not answer for the next one
    Given a sale of 12.00 USD
    And the cashier has cancelled the sale
    And a sale of 34.00 USD
    When the customer presents an approved card
    Then the customer has been charged 34.00 USD
    And neither sale was paid by the other's payment
