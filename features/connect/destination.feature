@needs-connect @connect-destination
Feature: Payments handed on to the seller

  @FD-70
  Scenario: The money of a sale goes to its seller
    Given a sale of 20.00 USD
    When the customer presents an approved card
    Then the seller gets the payment
    And every call of the till was made on the account that takes the payments
    And the customer has been charged 20.00 USD

  @FD-70 @needs-refund @seller-bears-refunds
  Scenario: A refund takes the seller's share back
    Given a sale of 20.00 USD that was paid
    When the cashier refunds 7.50 USD
    Then the customer has been refunded 7.50 USD
    And the seller's share is taken back

  @DC-06.5 @needs-register_reader @backend
  Scenario: A new reader is registered on the platform's account
    When the manager registers a new reader
    Then the new reader is on the platform's account
