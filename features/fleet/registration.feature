@needs-register_reader
Feature: New readers

  @DC-06.1 @DC-06.2 @chosen-reader
  Scenario: A reader that the manager registers at the till takes a payment
    Given the manager has registered a new reader
    And the register is given the new reader
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the new reader belongs to the shop
    And the customer has been charged 20.00 USD

  @DC-07.3 @backend
  Scenario: A new reader gets the Location that the manager chose
    Given the shop has another site
    When the manager registers a new reader at the other site
    Then the new reader stands at the site that was chosen

  @DC-06.2 @backend
  Scenario: A wrong registration code is told as one
    When the manager types in a wrong registration code
    Then the manager is told that the code is wrong

  @DC-06.3 @backend
  Scenario: A stranger registers no reader on the shop's account
    When a stranger registers a reader
    Then no reader was registered
