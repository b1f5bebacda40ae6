@needs-webhooks
Feature: News that comes before Stripe's own answer, or while the till is busy with the same payment

  @FD-57
  Scenario: News of a payment that the till has not recorded yet does not lose the sale
    Given news of creating the payment overtakes Stripe's answer to it
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-57 @FD-10 @own-capture
  Scenario: News of the money that overtakes the answer to collecting it collects nothing twice
    Given news of collecting the money overtakes Stripe's answer to it
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-57 @FD-49 @needs-refund @needs-books
  Scenario: A refund that the till hears of before Stripe has answered is counted once
    Given a sale of 20.00 USD that was paid
    And news of the refund overtakes Stripe's answer to it
    When the cashier refunds 8.00 USD
    Then the customer has been refunded 8.00 USD
    And the till's books and Stripe's agree

  @FD-10 @FD-57
  Scenario: A payment that news and waiting finish at the same moment is collected once and not undone
    Given Stripe takes a while to answer reading the payment
    And webhooks are delivered twice
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-58 @EX-26
  Scenario: Webhooks are answered while Stripe keeps the till waiting
    Given a sale of 20.00 USD
    And Stripe keeps its answers to reading the payment until the network recovers
    And the customer has tapped an approved card
    And the till was told of the tap
    When the network recovers
    Then every webhook was answered soon
    And the sale is paid

  @FD-55
  Scenario Outline: News of <what> that comes after everything else changes nothing
    Given news of <what> is withheld
    And a sale of 20.00 USD
    And the customer has paid with an approved card
    When the network recovers
    Then the sale stands as it did before
    And the customer has been charged 20.00 USD

    Examples:
      | what         |
      | the approval |
      | the reader   |
      | the money    |
