@needs-offline
Feature: A device that holds stored payments

  @FD-37
  Scenario Outline: Stored payments survive it when the cashier <leaves>
    Given the shop has no network
    And a sale of 28.40 USD stored without a network
    And the cashier <leaves> while payments are stored
    When the network recovers
    Then the sale is paid
    And the customer has been charged 28.40 USD

    Examples:
      | leaves                      |
      | logs out                    |
      | clears the device           |
      | switches to another account |

  @FD-37 @EX-29 @needs-restart
  Scenario: A stored payment is still stored after the till lost power
    Given the shop has no network
    And a sale of 31.20 USD stored without a network
    And the till loses power
    When the till is started again
    Then the cashier is told the payment is stored, not approved

  @EX-29 @needs-end_of_day
  Scenario: The day does not end while payments are stored
    Given the shop has no network
    And a sale of 13.40 USD stored without a network
    When the cashier closes the day
    Then the day is kept open
