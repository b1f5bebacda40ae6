@each-country
Feature: A usual day in every country

  @FD-05 @EX-20
  Scenario: A usual sale is paid in the money of the country, with the debit card that is usual there
    Given the usual sale of the shop
    When the customer presents the debit card that is usual there
    Then the sale is paid
    And the card was asked for the amount on the till
    And the customer has been charged the amount on the till

  @FD-50 @needs-refund
  Scenario: A part of a usual sale is given back in the money of the country
    Given the usual sale of the shop that was paid
    When the cashier refunds a part of it
    Then the customer has been refunded that part
    And the customer has been charged the amount on the till

  @FD-74 @needs-receipt
  Scenario: The receipt of a usual sale shows it in the money of the country
    Given the usual sale of the shop that was paid
    When the cashier asks for a receipt
    Then the receipt shows what was charged

  @FD-06
  Scenario: Prices that careless arithmetic gets wrong reach the card exactly in the money of the country
    When prices that careless arithmetic gets wrong are paid one after the other
    Then each card was asked for the amount on the till
