Feature: A reader that makes the till wait

  @EX-07 @FD-20 @kind-server-driven
  Scenario: A busy reader is waited for, not stormed
    Given the reader is busy with an update
    And a sale of 20.00 USD
    And the reader stays busy for a while
    When the reader is free again
    And the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the busy reader was asked only now and then
    And the customer has been charged 20.00 USD

  @FD-71 @needs-several_readers @on-device
  Scenario: A sale appears on the till's own reader and on no other
    Given the shop has another reader
    When the cashier starts a sale of 20.00 USD
    Then only the till's own reader was sent the sale

  @FD-30 @on-device
  Scenario: A reader that nobody pays at is cleared at the till's own deadline
    Given a sale of 20.00 USD
    When nobody presents a card
    Then the reader is at rest
    And the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-27 @FD-26 @on-device
  Scenario: An approval that comes after the till's deadline is not told as a failure
    Given the bank will answer slowly
    And a sale of 20.00 USD
    And the customer has tapped and the till's deadline has passed
    When the bank approves at last
    Then the cashier was never told not paid
    And the reader is at rest

  @FD-33 @needs-retry @kind-server-driven
  Scenario Outline: A reader that <trouble> delays a sale and does not lose it
    Given the reader <trouble>
    And a sale of 20.00 USD that could not be sent to the reader
    And the reader has refused it
    When the reader is free again
    And the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

    Examples:
      | trouble              |
      | installs an update   |
      | has an empty battery |

  @EX-12 @FD-28 @kind-server-driven
  Scenario: A reader that works can be paid at although it is listed as offline
    Given the reader is listed as offline though it works
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD
