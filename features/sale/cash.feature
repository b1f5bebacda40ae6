@needs-split_tender
Feature: A sale paid in two tenders

  @FD-12
  Scenario: A sale partly paid in cash asks the card for the rest
    Given a sale of 50.00 USD of which 20.00 USD is paid in cash
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 30.00 USD

  @FD-12 @needs-retry
  Scenario: Cash taken after a decline lowers what the next card is charged
    Given a sale of 50.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier has taken 12.50 USD in cash
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 37.50 USD

  @FD-19 @FD-12
  Scenario: Cash taken while the reader asks for a card is not charged to the card, too
    Given a sale of 50.00 USD
    And the cashier takes 20.00 USD in cash while the reader asks for a card
    When the customer presents an approved card if the reader asks for one
    Then the customer has been charged what the sale still owed
