Feature: Cards that customers let the shop keep

  @EX-30 @needs-save_card
  Scenario: A card is kept with a sale for no more than its owner allowed
    Given a sale of 20.00 USD whose customer lets the shop keep the card for itself
    When the customer presents an approved card
    Then the sale is paid
    And the till says rightly whether a card is kept
    And the card is kept for no more than was allowed

  @EX-30 @needs-save_card
  Scenario: A card that Stripe cannot keep is charged, and never called kept
    Given a sale of 20.00 USD whose customer lets the shop keep the card for itself
    When the customer presents a card of a brand that cannot be kept
    Then the sale is paid
    And the till says rightly whether a card is kept

  @EX-30 @needs-save_card
  Scenario: A card that was declined is not kept
    Given a sale of 20.00 USD whose customer lets the shop keep the card for itself
    When the customer presents a card declined for insufficient_funds
    Then the sale is not paid
    And no card is kept
    And the till says rightly whether a card is kept

  @EX-30 @needs-save_card
  Scenario: A card that nobody asked to keep is gone after the sale
    Given a sale of 20.00 USD
    When the customer presents an approved card
    Then no card is kept

  @EX-30 @needs-save_card_alone
  Scenario: A card is kept without a sale for no more than its owner allowed
    Given a customer who lets the shop keep a card without buying anything
    When the customer gives an approved card to be kept
    Then the till says rightly whether a card is kept
    And the card is kept for no more than was allowed

  @EX-30 @needs-save_card_alone
  Scenario: A card whose bank refuses to have it kept is not called kept
    Given a customer who lets the shop keep a card without buying anything
    When the customer gives a card to be kept that is declined
    Then no card is kept
    And the till says rightly whether a card is kept

  @EX-30 @needs-save_card_alone
  Scenario: A card that was kept is charged later, once
    Given a customer whose card the shop has kept
    When the shop charges 35.00 USD to the kept card
    Then the kept card has paid
    And the sale is paid
    And the customer has been charged 35.00 USD

  @EX-30 @needs-save_card_alone
  Scenario: A kept card is charged once though Stripe's answers are lost
    Given a customer whose card the shop has kept
    And Stripe's answers to creating the payment are lost 2 times
    When the shop charges 35.00 USD to the kept card
    Then the sale is paid
    And the customer has been charged 35.00 USD

  @EX-30 @needs-save_card_alone @needs-cancel_on_reader
  Scenario: A customer who changes their mind leaves no card, and the next one can pay
    Given a customer who lets the shop keep a card without buying anything
    And the customer has changed their mind at the reader
    And a sale of 12.00 USD
    When the customer presents an approved card
    Then no card is kept
    And the till says rightly whether a card is kept
    And the sale is paid

  @EX-30 @needs-save_card_alone
  Scenario: A card that is kept although Stripe's answer was lost is told as kept
    Given Stripe's answers to asking for the card to keep are lost 4 times
    And a customer who lets the shop keep a card without buying anything
    When the customer gives an approved card to be kept
    Then the till says rightly whether a card is kept
