@needs-collect_inputs
Feature: What the reader asks beside a card

  @EX-32
  Scenario: What a customer answers on the reader reaches the till
    Given the reader asks the customer what the shop wants to know
    When the customer answers every question
    Then every answer has reached the till

  @EX-32
  Scenario: A question that was skipped does not lose the answers to the others
    Given the reader asks the customer what the shop wants to know
    When the customer skips what may be skipped and answers the rest
    Then every answer has reached the till

  @EX-32
  Scenario: A customer who leaves the questions unanswered holds nobody up
    Given the reader asks the customer what the shop wants to know
    And the customer has left without answering
    And a sale of 12.00 USD
    When the customer presents an approved card
    Then the sale is paid
    And the till says that nobody answered

  @EX-32
  Scenario: The reader asks for no card number, health data or secret
    When the reader asks the customer what the shop wants to know
    Then no question is forbidden on a reader
