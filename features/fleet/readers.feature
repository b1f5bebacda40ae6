Feature: Several readers

  @FD-72 @needs-several_readers
  Scenario: A reader beyond the first page of the list is found and takes a payment
    Given the shop has so many readers that its own is on the second page
    And the register is given the reader on the second page
    And a sale of 20.00 USD
    And the customer has paid with an approved card
    When the cashier looks at the list of readers
    Then the reader on the second page is in the list
    And the customer has been charged 20.00 USD

  @DC-08.1 @needs-several_readers @backend
  Scenario: The list of readers shows their labels and follows what is really there
    Given the cashier has looked at the list of readers
    And the reader loses its network
    When the cashier looks at the list of readers
    Then the reader stands in the list as it is now

  @FD-71 @needs-several_readers
  Scenario: A sale does not move to another reader when its own is offline
    Given the shop has another reader
    And the reader is offline
    When the cashier starts a sale of 20.00 USD
    Then no other reader was sent the sale
    And the sale is not shown as paid

  @FD-71 @needs-several_registers
  Scenario: Two registers take their sales on their own readers at the same time
    Given a second register with a reader of its own
    And a sale of 20.00 USD
    And the second register starts a sale of 31.00 USD
    When an approved card is presented at every reader that asks for one
    Then each register's sale is on its own reader
    And every sale is paid

  @FD-67 @DC-07.2 @bound-reader
  Scenario: A reader of another site is found out when a register is given it
    When the manager gives the register a reader of another site
    Then the till does not take it without a word

  @FD-67 @DC-07.2 @bound-reader
  Scenario: A reader without a Location is found out when a register is given it
    When the manager gives the register a reader without a Location
    Then the till does not take it without a word
