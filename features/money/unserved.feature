Feature: What the readers of the shop cannot serve

  @FD-68 @EX-20 @names-currency
  Scenario: A sale in the money of another country is refused in words
    When the cashier starts a sale in a foreign currency with 2 decimals
    Then the sale is refused in words, and no card is asked for

  @FD-68 @FD-05 @names-currency
  Scenario: A sale in money with three decimals is refused in words
    When the cashier starts a sale in a foreign currency with 3 decimals
    Then the sale is refused in words, and no card is asked for

  @EX-20 @FD-68 @chosen-reader @on-device
  Scenario: A reader that is registered abroad is refused in words
    When a reader that is registered abroad is put to work
    Then the reader is refused in words
