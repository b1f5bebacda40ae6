Feature: Requests that take long, and a till that waits

  @FD-78 @sale-by-request
  Scenario: A sale whose start is cut off by a proxy is paid once, and the till knows it
    Given a sale of 20.00 USD started through a proxy that cuts long requests
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-77
  Scenario: A sale that waits for its card does not flood Stripe with questions
    Given a sale of 20.00 USD
    When the customer takes a while to find a card
    Then the till asked Stripe no more often than it declares

  @FD-79 @needs-several_registers
  Scenario: A register goes on selling while Stripe keeps another one waiting
    Given a second register with a reader of its own
    And Stripe keeps its next answer to creating the payment until the network recovers
    And a sale of 20.00 USD started through a proxy that cuts long requests
    And the second register starts a sale of 34.00 USD
    And the customer has found the reader asking for a card
    And the network recovers
    When the customer presents an approved card
    Then the second register was served while the first was kept waiting
    And the sale is paid
    And the customer has been charged 34.00 USD
