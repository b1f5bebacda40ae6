@needs-connect @each-shop
Feature: What the platform keeps

  @EX-34 @needs-edit_sale @needs-retry
  Scenario: The platform's fee follows a sale that was changed
    Given a sale of 84.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier changes the sale to 26.00 USD
    And the cashier asks for a card again
    When the customer presents an approved card
    Then the platform keeps its share of what was captured
    And the customer has been charged 26.00 USD
