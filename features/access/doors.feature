Feature: Doors and secrets

  @DC-01.1 @DC-01.4 @FD-63 @needs-connection_token @backend
  Scenario: Every connection token is a new one
    When the cashier asks for a connection token
    And the cashier asks for a connection token
    Then both requests got a token
    And no token was given twice

  @DC-01.3 @FD-62 @needs-connection_token @smoke @backend
  Scenario: A stranger gets no connection token
    When a stranger asks for a connection token
    Then the stranger got no token

  @FD-64 @FD-65 @needs-logs
  Scenario: No secret reaches the till's log, even when things go wrong
    Given Stripe fails creating the payment 1 times
    And a sale of 20.00 USD
    And the cashier asks for a card again if the reader is at rest
    And the customer's first card is declined for insufficient_funds
    When the till is asked for a sale that does not exist
    Then the till's log holds no secret
    And the till's answers hold no secret
