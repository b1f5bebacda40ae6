@needs-refund
Feature: Giving money back

  @FD-49 @FD-50 @smoke
  Scenario: A refund returns the amount once
    Given a sale of 20.00 USD that was paid
    When the cashier refunds 20.00 USD
    Then the customer has been refunded 20.00 USD

  @FD-50
  Scenario: A refund larger than the captured amount is refused
    Given a sale of 20.00 USD that was paid
    When the cashier refunds 20.50 USD
    Then the refund was refused
    And the customer has been refunded 0.00 USD

  @FD-50
  Scenario: Refunds in parts end at what was captured
    Given a sale of 20.00 USD that was paid
    And the cashier has refunded 12.00 USD
    And the cashier has refunded 8.00 USD
    When the cashier refunds 0.50 USD
    Then the refund was refused
    And the customer has been refunded 20.00 USD

  @FD-49
  Scenario: Two refunds of the same amount are both made
    Given a sale of 20.00 USD that was paid
    And the cashier has refunded 5.00 USD
    When the cashier refunds 5.00 USD
    Then the customer has been refunded 10.00 USD

  @FD-49 @FD-11 @EX-27
  Scenario: A refund whose answer is lost is made once
    Given a sale of 20.00 USD that was paid
    And Stripe's answers to the refund are lost 4 times
    And the cashier has refunded 8.00 USD
    When the cashier sends the refund again
    Then the customer has been refunded 8.00 USD

  @FD-52 @EX-25 @needs-books
  Scenario: A refund that fails later is not shown as made
    Given a sale of 20.00 USD
    And the customer has paid with a card whose refunds fail later
    And the cashier has refunded 20.00 USD
    When a month passes
    Then the till no longer counts the refund as made

  @FD-49 @FD-54 @needs-webhooks
  Scenario: News of a refund delivered again is recorded once
    Given a sale of 20.00 USD that was paid
    And the cashier has refunded 8.00 USD
    When every webhook of the sale is delivered again
    Then the sale stands as it did before
    And the customer has been refunded 8.00 USD

  @FD-53
  Scenario: A sale that was never paid cannot be refunded
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    When the cashier refunds 20.00 USD
    Then the refund was refused
    And the customer has been charged 0.00 USD

  @FD-50 @needs-refund_offer
  Scenario: What is still offered to be refunded is what is left
    Given a sale of 20.00 USD that was paid
    And the cashier has refunded 12.00 USD
    When the cashier refunds 3.00 USD
    Then the till offers to refund 5.00 USD

  @FD-13 @FD-50 @needs-refund_offer @needs-retry
  Scenario: A declined try is not offered to be refunded
    Given a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier asks for a card again
    And the customer has paid with an approved card
    When the cashier refunds 8.00 USD
    Then the till offers to refund 12.00 USD
    And the customer has been refunded 8.00 USD

  @FD-48 @needs-tip_on_reader @needs-tip_refunds
  Scenario Outline: Refunding <amount> of a tipped sale treats the tip as the shop's rule says
    Given a sale of 20.00 USD paid with a tip of 4.00 USD
    When the cashier refunds <amount>
    Then the tip in the refund is what the shop's rule makes of it

    Examples:
      | amount    |
      | 10.00 USD |
      | 22.00 USD |
      | 24.00 USD |
