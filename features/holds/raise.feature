@needs-raise_hold @own-capture
Feature: A hold that is raised before it is collected

  @FD-46
  Scenario: A hold that was raised is collected in full
    Given a sale of 40.00 USD held on the customer's card
    And the hold has been raised to 60.00 USD
    When the cashier collects the money
    Then the sale is paid
    And the customer has been charged 60.00 USD

  @FD-46 @EX-23
  Scenario: A hold is not raised on a card that does not allow it
    Given a sale of 40.00 USD held on a JCB card
    When the cashier raises the hold to 60.00 USD
    Then raising the hold was refused
    And 40.00 USD is held on the card

  @FD-46
  Scenario: A raise that the bank declines leaves the hold as it was
    Given a sale of 40.00 USD held on the customer's card
    When the cashier raises the hold to 60.05 USD
    Then raising the hold was refused
    And 40.00 USD is held on the card

  @EX-23
  Scenario: A hold is raised ten times and no more
    Given a sale of 40.00 USD held on the customer's card
    And the hold has been raised 10 times by 1.00 USD
    When the cashier raises the hold to 51.00 USD
    Then raising the hold once more was refused
    And 50.00 USD is held on the card

  @FD-46 @FD-11
  Scenario: A raise whose answer is lost is neither lost nor made twice
    Given a sale of 40.00 USD held on the customer's card
    And Stripe's answers to raising the hold are lost 4 times
    And the hold has been raised to 60.00 USD
    When the cashier collects the money
    Then the sale is paid
    And the customer has been charged the amount on the till
