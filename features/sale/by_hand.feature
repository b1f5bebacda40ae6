@needs-finish_by_hand
Feature: A sale finished by hand

  @FD-24 @needs-retry
  Scenario: A sale that no card paid is not finished by hand as paid
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the manager finishes the sale by hand
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD

  @FD-24
  Scenario: A cashier does not finish a sale by hand
    Given a sale of 20.00 USD that was paid
    When the cashier tries to finish the sale by hand
    Then finishing by hand was refused

  @FD-24
  Scenario: A sale is not finished by hand without a reason
    Given a sale of 20.00 USD that was paid
    When the manager finishes the sale by hand without a reason
    Then finishing by hand was refused

  @FD-66 @FD-08
  Scenario: A payment that paid one sale does not finish another
    Given a sale of 20.00 USD that was paid
    And a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the manager finishes the sale by hand with the earlier sale's payment
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD
