@kind-any-sdk
Feature: An app and the reader beside it

  @FD-32
  Scenario: A sale whose reader goes before the card is paid once the reader is back
    Given a sale of 22.60 USD
    And the reader's link has broken
    And the reader's link is back
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card as often as the reader asks
    Then the sale is paid
    And the customer has been charged 22.60 USD

  @EX-15
  Scenario: The cashier is told when the reader is gone, and can stop the sale
    Given a sale of 19.40 USD
    And the reader's link has broken
    And the cashier was told that the reader is gone
    When the cashier cancels the sale
    Then the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-34 @needs-cancel
  Scenario: After a cancelled payment the next customer can pay at once
    Given a sale of 20.00 USD
    And the cashier has cancelled the sale
    And a sale of 31.40 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 31.40 USD

  @EX-14
  Scenario: A payment whose answer the SDK never gets is confirmed again, and no other is made
    Given Stripe's answers to confirming the payment are lost 1 times
    And a sale of 23.80 USD
    When the customer presents an approved card as often as the reader asks
    Then the sale is paid
    And the customer has been charged 23.80 USD

  @EX-16 @DC-01.5 @needs-connection_token
  Scenario: Each reader is connected with a token of its own, good for this shop alone
    When the manager puts another reader at the till
    Then each connection of a reader had a token of its own
    And every token was made for this shop alone
