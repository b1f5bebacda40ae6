@supplementary @needs-partial_authorization
Feature: A bank that approves less than was asked

  @FD-47
  Scenario: Money approved for less than the sale is not taken for the whole
    Given the bank will approve only 40.00 USD
    And a sale of 100.00 USD
    When the customer presents an approved card
    Then the sale is not shown as paid in full
