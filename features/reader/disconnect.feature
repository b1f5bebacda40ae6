Feature: A reader that drops out

  @EX-08 @FD-28 @on-device
  Scenario: A sale on a reader that is offline charges nothing
    Given the reader is offline
    When the cashier starts a sale of 20.00 USD
    Then the customer has been charged 0.00 USD
    And the sale is not shown as paid

  @EX-08 @FD-28 @needs-retry @on-device
  Scenario: A sale can be paid once its reader is back
    Given the reader is offline
    And a sale of 20.00 USD that could not be sent to the reader
    When the reader is back
    And the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @EX-06 @FD-25 @kind-server-driven
  Scenario: A command whose acknowledgement is lost does not start a second payment
    Given the reader gets the sale but its acknowledgement is lost
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @EX-06 @kind-server-driven
  Scenario: A command that never reached the reader can be sent again
    Given the reader does not get the first command
    And a sale of 20.00 USD
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-26 @EX-05 @smoke @kind-server-driven
  Scenario: An approval hidden behind a lost connection is not told as a failure
    Given the reader will lose contact after the bank approved
    And a sale of 24.50 USD
    When the customer presents an approved card
    Then the cashier was never told not paid
    And the payment was read at Stripe before the cashier was told
    And the customer has been charged 24.50 USD

  @EX-05 @FD-26 @kind-server-driven
  Scenario: A lost connection without an approval charges nothing
    Given the reader will lose contact before the bank is asked
    And a sale of 24.50 USD
    When the customer presents an approved card
    Then the payment was read at Stripe before the cashier was told
    And the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-27 @EX-09 @kind-server-driven
  Scenario: A reader that dies after the approval does not hide the payment
    Given the reader will die after the bank approved
    And a sale of 20.00 USD
    When the customer presents an approved card and the till's deadline passes
    Then the cashier was never told not paid
    And the reader is at rest

  @FD-27 @EX-09 @needs-retry @kind-server-driven
  Scenario: A reader that dies before the approval is freed and the sale can be paid
    Given the reader will die before the bank is asked
    And a sale of 20.00 USD
    And a customer whose card the reader has swallowed in silence
    When the reader is back
    And the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD
