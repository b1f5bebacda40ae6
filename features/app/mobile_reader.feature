@needs-mobile_reader
Feature: An app and its mobile reader

  @DC-07.4 @DC-01.6
  Scenario: A mobile reader belongs to the shop where it is connected, wherever it was used before
    When the manager puts a mobile reader of another site at the till
    Then the reader belongs to the shop's own Location

  @EX-33
  Scenario: The app asks for a card once more when a reader without a screen could not read it
    Given the till works with a reader that has no screen
    And a sale of 18.30 USD
    And the reader could not read the customer's card
    And the app has asked for the card once more
    When the customer presents an approved card
    Then the sale is paid
    And the customer has been charged 18.30 USD

  @DC-05.1 @DC-05.2
  Scenario: An update that can wait is announced with how long it takes, and sales go before it
    Given the till works with a reader whose update can wait
    And a sale of 16.40 USD
    And the customer has paid with an approved card
    When the cashier looks at the app
    Then the app says that an update waits
    And the app says how long the update takes
    And the sale is paid

  @DC-05.4 @DC-05.5
  Scenario: While a required update is installed the app shows how far it is, and why the reader is not there
    Given the till is given a reader that has to be updated first
    And half of the update is through
    When the update is through
    Then the app has shown how far the update had come
    And the app has said what kept the reader

  @DC-05.3
  Scenario: The app is not left while a required update is installed
    Given the till is given a reader that has to be updated first
    And the cashier has tried to log out
    When the update is through
    Then the app was not left

  @DC-08.3
  Scenario: A search for readers that finds none can be broken off, and readers are searched for again
    Given the manager searches for readers where there are none
    When the manager breaks the search off and searches again
    Then the first search has ended
