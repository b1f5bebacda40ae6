@needs-webhooks
Feature: Webhooks that arrive twice, late, in disorder or never

  @FD-54 @EX-26
  Scenario: A webhook delivered again changes nothing
    Given a sale of 20.00 USD that was paid
    When every webhook of the sale is delivered again
    Then the sale stands as it did before
    And the customer has been charged 20.00 USD

  @FD-54
  Scenario: Webhooks delivered twice record one payment
    Given webhooks are delivered twice
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-55
  Scenario: Webhooks in reverse order end in the same sale
    Given webhooks are delivered in reverse
    And a sale of 20.00 USD
    And the customer has tapped an approved card
    When the network recovers
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-55 @needs-retry
  Scenario: News of an earlier decline does not undo a payment
    Given news of failed payments is withheld
    And a sale of 20.00 USD
    And the customer's first card is declined for insufficient_funds
    And the cashier asks for a card again
    And the customer has paid with an approved card
    When the network recovers
    Then the sale stands as it did before
    And the customer has been charged 20.00 USD

  @FD-56 @FD-03 @smoke
  Scenario: A sale settles although every webhook is lost
    Given webhooks are lost
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-56 @FD-81
  Scenario: A decline is told although every webhook is lost
    Given webhooks are lost
    And a sale of 20.00 USD
    When the customer presents a card declined for insufficient_funds
    Then the sale is not paid
    And the customer has been charged 0.00 USD

  @FD-56 @FD-58
  Scenario: Webhooks that come late change nothing
    Given webhooks are withheld
    And a sale of 20.00 USD
    And the customer has paid with an approved card
    When the network recovers
    Then the sale stands as it did before
    And the customer has been charged 20.00 USD

  @FD-16
  Scenario: Late news of one sale does not settle the next
    Given webhooks are withheld
    And a sale of 12.00 USD
    And the customer has paid with an approved card
    And a sale of 34.00 USD
    When the network recovers
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD

  @FD-58 @FD-52 @needs-refund @needs-books
  Scenario: News that the till could not take in is taken in when Stripe brings it again
    Given a sale of 20.00 USD
    And the customer has paid with a card whose refunds fail later
    And the cashier has refunded 20.00 USD
    And the till would ask Stripe in vain
    And a month passes
    When Stripe brings again what the till did not take
    Then the till no longer counts the refund as made
