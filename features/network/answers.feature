Feature: Stripe's answers get lost or go wrong

  @FD-01 @EX-27 @FD-11
  Scenario Outline: A sale is charged once when Stripe's answer is lost while <step>
    Given Stripe's answers to <step> are lost <times> times
    And a sale of 20.00 USD
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

    Examples:
      | step                      | times |
      | creating the payment      | 1     |
      | creating the payment      | 4     |
      | sending it to the reader  | 1     |
      | sending it to the reader  | 4     |

  @FD-01 @EX-27 @FD-02 @own-capture @smoke
  Scenario: A capture whose answer is lost is neither lost nor repeated
    Given Stripe's answers to collecting the money are lost 1 times
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-11 @EX-27
  Scenario: A call that is repeated carries the key of the first
    Given Stripe's answers to creating the payment are lost 4 times
    And a sale of 20.00 USD
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then creating the payment was repeated under its own key
    And the customer has been charged 20.00 USD

  @FD-02 @DC-04.3 @own-capture
  Scenario: A capture that Stripe refuses for a while is made good, and not shown as paid before
    Given Stripe fails collecting the money until the network recovers
    And a sale of 18.60 USD
    And the customer has tapped an approved card
    And the till has met the failure
    And the sale is not shown as paid
    When the network recovers
    And the cashier closes the day if the till can
    Then the sale is paid
    And the customer has been charged 18.60 USD

  @FD-76 @EX-27
  Scenario Outline: A busy Stripe is not told as a decline: <limit> while <step>
    Given Stripe limits <step> by <limit>
    And a sale of 20.00 USD
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

    Examples:
      | step                     | limit   |
      | creating the payment     | rate    |
      | creating the payment     | a lock  |
      | sending it to the reader | a lock  |

  @FD-76 @EX-27 @own-capture
  Scenario: A capture that a busy Stripe puts off is made good
    Given Stripe limits collecting the money by rate
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-76
  Scenario: A Stripe that is overrun is not told as a decline, and the sale can be paid afterwards
    Given Stripe has no time for any call of the till until the network recovers
    And a sale of 20.00 USD
    And the till has met the failure
    And the network recovers
    And the cashier asks for a card again if the reader is at rest
    When the customer looks at the reader
    Then the reader asks for the card
    And the cashier was told of no decline
    And the sale is not shown as paid

  @FD-76 @EX-27
  Scenario: A sale is paid once although Stripe puts off each of its steps
    Given Stripe puts off each step of a payment twice
    And a sale of 20.00 USD
    When the cashier asks for a card again if the reader is at rest
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-01 @FD-81 @kind-server-driven
  Scenario: A till cut off from Stripe says so, and learns the truth when it is back
    Given a sale of 20.00 USD
    And the till is cut off from Stripe
    And the customer has tapped an approved card
    And the till has met the failure
    And the sale is not shown as paid
    When the network recovers
    Then the cashier was never told not paid
    And the customer has been charged 20.00 USD
