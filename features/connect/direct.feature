@needs-connect @connect-direct
Feature: Payments made on the seller's account

  @FD-70
  Scenario: Every call of a sale is made on the seller's account
    Given a sale of 20.00 USD
    When the customer presents an approved card
    Then every call of the till was made on the account that takes the payments
    And the customer has been charged 20.00 USD

  @FD-70 @needs-refund
  Scenario: A refund is made on the account that took the payment
    Given a sale of 20.00 USD that was paid
    When the cashier refunds 7.50 USD
    Then every call of the till was made on the account that takes the payments
    And the customer has been refunded 7.50 USD

  @FD-70 @needs-connection_token @backend
  Scenario: A connection token opens the seller's readers
    When the cashier asks for a connection token
    Then every call of the till was made on the account that takes the payments

  @FD-70 @needs-webhooks
  Scenario Outline: A webhook of <whose> account changes nothing of the seller's sale
    Given a sale of 20.00 USD
    When a webhook of <whose> account says that the sale is paid
    Then the event set nothing off
    And the customer has been charged 0.00 USD

    Examples:
      | whose            |
      | another seller's |
      | the platform's   |

  @DC-06.4 @needs-register_reader @backend
  Scenario: A new reader is registered on the seller's account
    When the manager registers a new reader
    Then the new reader is on the seller's account
