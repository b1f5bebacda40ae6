@needs-tip_on_receipt
Feature: A tip written on the receipt

  @FD-45 @EX-22
  Scenario Outline: A tip on the receipt is collected up to the limit of the card networks
    Given a sale of <sale> held on the customer's card
    When the cashier adds a tip of <tip>
    Then the tip was <outcome>
    And the customer has been charged <charged>

    Examples: 50% of the authorization or 50.00 USD, whichever is greater
      | sale       | tip       | outcome  | charged    |
      | 40.00 USD  | 50.00 USD | accepted | 90.00 USD  |
      | 40.00 USD  | 50.10 USD | refused  | 0.00 USD   |
      | 120.00 USD | 60.00 USD | accepted | 180.00 USD |
      | 120.00 USD | 60.10 USD | refused  | 0.00 USD   |

  @FD-45 @EX-22
  Scenario: A tip is refused on a card that cannot be charged more than it was asked for
    Given a sale of 40.00 USD held on a JCB card
    When the cashier adds a tip of 5.00 USD
    Then the tip was refused
    And the customer has been charged 0.00 USD

  @FD-43 @FD-74 @needs-receipt
  Scenario: The receipt of a tipped sale shows what was charged
    Given a sale of 40.00 USD held on the customer's card
    And the cashier has added a tip of 6.00 USD
    When the cashier asks for a receipt
    Then the receipt shows what was charged
