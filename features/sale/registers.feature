@needs-several_registers
Feature: Two registers in one shop

  @FD-18
  Scenario: A sale sent to two registers at once is charged once
    Given a second register with a reader of its own
    And a sale of 20.00 USD sent to both registers at once
    When an approved card is presented at every reader that asks for one
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-18
  Scenario: A sale sent to a second register a moment later is charged once
    Given a second register with a reader of its own
    And a sale of 20.00 USD
    And the same sale is sent to the second register
    When an approved card is presented at every reader that asks for one
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-18
  Scenario: A register hears that its sale is being paid at another
    Given a second register with a reader of its own
    And a sale of 20.00 USD
    When the same sale is sent to the second register
    Then the second register is told that the sale is being paid

  @FD-29
  Scenario: A register that shares a reader does not take over its payment unnoticed
    Given a second register that shares the reader
    And a sale of 12.00 USD
    When the second register starts a sale of 34.00 USD
    Then the word on every sale matches the books

  @FD-29
  Scenario: A card at a shared reader pays the sale that its register was told of
    Given a second register that shares the reader
    And a sale of 12.00 USD
    And the second register starts a sale of 34.00 USD
    When an approved card is presented at every reader that asks for one
    Then the word on every sale matches the books
    And neither sale was paid by the other's payment

  @FD-29 @needs-cancel
  Scenario: Cancelling one register's sale leaves the other's on the shared reader
    Given a second register that shares the reader
    And a sale of 12.00 USD
    And the second register starts a sale of 34.00 USD
    When the later sale is cancelled
    Then the reader is still at the earlier sale
    And the word on every sale matches the books

  @FD-17 @needs-cancel @needs-retry
  Scenario: Cancelling a sale that moved to another register stops the reader it moved to
    Given a second register with a reader of its own
    And a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier asks for a card again at the second register
    When the cashier cancels the sale
    Then the reader is at rest
    And the sale is not paid
    And the customer has been charged 0.00 USD
