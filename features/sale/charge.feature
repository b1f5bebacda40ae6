Feature: Charging a sale

  @DC-02.1 @DC-02.2 @FD-02 @smoke
  Scenario: An approved sale is charged once and only then shown as paid
    Given a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-06
  Scenario Outline: The amount that reaches the card is the amount on the till, to the cent
    Given a sale of <amount>
    When the customer presents an approved card
    Then the card was asked for the amount on the till
    And the customer has been charged <amount>

    Examples: amounts that careless arithmetic gets wrong
      | amount     |
      | 19.99 USD  |
      | 4.35 USD   |
      | 67.96 USD  |
      | 78.40 USD  |
      | 1.15 USD   |
      | 1,005.10 USD |

  @FD-16
  Scenario: Two sales in a row are each paid by their own payment
    Given a sale of 12.00 USD that was paid
    And a sale of 34.00 USD
    When the customer presents an approved card
    Then the customer has been charged 34.00 USD
    And neither sale was paid by the other's payment

  @FD-04 @smoke
  Scenario: A sale submitted twice at once is charged once
    Given a sale of 20.00 USD submitted twice at once
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD

  @FD-04 @FD-11
  Scenario: A sale sent again after it was paid is not charged again
    Given a sale of 20.00 USD that was paid
    When the cashier sends the sale again
    And the customer presents an approved card if the reader asks for one
    Then the customer has been charged 20.00 USD

  @DC-02.1 @EX-02 @needs-tip_on_receipt
  Scenario: A sale to be collected later is held, and shown as held
    Given a sale of 42.00 USD to be collected later
    When the customer presents an approved card
    Then the cashier is told the money is held
    And 42.00 USD is held on the card
    And the customer has been charged 0.00 USD

  @DC-02.2 @FD-02 @needs-tip_on_receipt
  Scenario: Held money is charged when the cashier collects it
    Given a sale of 42.00 USD held on the customer's card
    When the cashier collects the money
    Then the sale is paid
    And the customer has been charged 42.00 USD

  @FD-10 @needs-webhooks
  Scenario: News of a payment that arrives twice over is charged once
    Given webhooks are delivered twice
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD
    And nothing was refunded

  @FD-08 @needs-tip_on_receipt @own-word
  Scenario: A payment that was collected in part is not taken for the whole
    Given a sale of 42.00 USD held on the customer's card
    When somebody collects 30.00 USD at Stripe, not at the till
    Then the sale is not shown as paid

  @FD-04 @FD-18
  Scenario: A sale submitted many times at once is charged once
    Given Stripe takes a while to answer creating the payment
    And a sale of 20.00 USD submitted 8 times at once
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 20.00 USD
