Feature: A card that is declined

  @FD-81
  Scenario Outline: A declined card leaves the sale open and the customer uncharged
    Given a sale of 20.00 USD
    When the customer presents a card declined for <code>
    Then the sale is not paid
    And the customer has been charged 0.00 USD

    Examples: what Stripe's test cards are declined for
      | code               |
      | generic_decline    |
      | insufficient_funds |
      | lost_card          |
      | stolen_card        |
      | expired_card       |
      | processing_error   |

  @FD-81
  Scenario Outline: A bank that declines an amount leaves the customer uncharged
    Given a sale of <amount>
    When the customer presents an approved card
    Then the sale is not paid
    And the customer has been charged 0.00 USD

    Examples: amounts that a simulated bank declines
      | amount    | why                             |
      | 20.01 USD | call_issuer                     |
      | 20.05 USD | generic_decline                 |
      | 20.55 USD | incorrect_pin                   |
      | 20.65 USD | withdrawal_count_limit_exceeded |
      | 20.75 USD | pin_try_exceeded                |

  @EX-01 @FD-22 @needs-retry @smoke
  Scenario: Another card can pay after a decline
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-13 @FD-22 @EX-01 @needs-retry
  Scenario: Two declines and an approval make one payment
    Given a sale of 20.00 USD
    And the customer's first card is declined for generic_decline
    And the customer's next card is declined for lost_card
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-13
  Scenario Outline: A card that needs its PIN is charged once
    Given a sale of 20.00 USD
    When the customer presents a card with <card>
    Then the sale is paid
    And the customer has been charged 20.00 USD

    Examples:
      | card              |
      | online PIN        |
      | PIN on second try |

  @FD-31 @needs-cancel_on_reader
  Scenario: A customer who cancels on the reader is not charged
    Given a sale of 20.00 USD
    When the customer cancels on the reader
    Then the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-31 @EX-01 @needs-retry @needs-cancel_on_reader
  Scenario: A sale cancelled on the reader can still be paid
    Given a sale of 20.00 USD
    And the customer has cancelled on the reader
    When the cashier asks for a card again
    And the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD
