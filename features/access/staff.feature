Feature: Whose sale it is, and who may do what

  @FD-66 @needs-other_shop
  Scenario: Staff of another shop are told nothing of a sale
    Given a sale of 20.00 USD that was paid
    When staff of another shop look at the sale
    Then the other shop was told nothing of the sale

  @FD-66 @needs-other_shop @needs-refund
  Scenario: Staff of another shop do not refund a sale
    Given a sale of 20.00 USD that was paid
    When staff of another shop refund 20.00 USD
    Then the till let nobody do what they may not

  @FD-66 @needs-other_shop @needs-cancel
  Scenario: Staff of another shop do not cancel a sale
    Given a sale of 20.00 USD
    When staff of another shop cancel the sale
    Then the till let nobody do what they may not

  @FD-66 @needs-manager_refunds @needs-refund
  Scenario: A cashier does not refund where it takes the manager
    Given a sale of 20.00 USD that was paid
    When the cashier tries to refund 20.00 USD without the manager
    Then the till let nobody do what they may not
