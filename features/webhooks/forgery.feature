@needs-webhooks
Feature: Webhooks that Stripe did not send

  @FD-60 @EX-26
  Scenario Outline: A webhook with <flaw> is refused and changes nothing
    Given a sale of 20.00 USD
    When an attacker says the sale is paid, in a webhook with <flaw>
    Then the webhook was refused
    And the sale is not shown as paid
    And the customer has been charged 0.00 USD

    Examples:
      | flaw                      |
      | no signature              |
      | a garbage signature       |
      | another secret            |
      | an altered body           |
      | a signature two hours old |

  @FD-59
  Scenario Outline: A webhook of <where> changes nothing
    Given a sale of 20.00 USD
    When a webhook of <where> says the sale is paid
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD

    Examples:
      | where         |
      | live mode     |
      | a stranger    |

  @FD-08 @FD-16
  Scenario: A webhook about another payment does not pay this sale
    Given a sale of 12.00 USD that was paid
    And a sale of 34.00 USD
    When a webhook claims that the earlier payment was for this sale
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD

  @FD-08 @FD-47
  Scenario: A webhook with a smaller amount does not pay this sale
    Given a sale of 100.00 USD
    When a webhook claims that the sale was paid with 40.00 USD
    Then the sale is not shown as paid
    And the customer has been charged 0.00 USD

  @FD-61 @EX-26
  Scenario Outline: A genuine webhook is accepted with <form>
    Given a sale of 20.00 USD that was paid
    When a genuine webhook arrives with <form>
    Then the webhook was accepted
    And the sale is paid

    Examples:
      | form                     |
      | its body written anew    |
      | letters of other scripts |
      | two signatures           |
