@needs-restart
Feature: A till that loses power

  @FD-80
  Scenario: A till that lost power while the reader asked for a card takes up the sale
    Given a sale of 20.00 USD
    And the till loses power
    And the till is started again
    When the customer presents an approved card if the reader asks for one
    Then the word at the till matches the books

  @FD-80 @FD-03 @kind-server-driven
  Scenario: A till that lost power before it heard of the approval learns of it when it is back
    Given webhooks are lost
    And a sale of 20.00 USD
    And the till is cut off from Stripe
    And the customer has tapped an approved card
    And the till has met the failure
    And the till loses power
    And the network recovers
    When the till is started again
    Then the word at the till matches the books
    And the customer has been charged 20.00 USD

  @FD-80 @FD-03 @own-capture
  Scenario: A till that lost power after the approval knows the payment when it is back
    Given webhooks are lost
    And Stripe fails collecting the money until the network recovers
    And a sale of 20.00 USD
    And the customer has tapped an approved card
    And the till has met the failure
    And the till loses power
    And the network recovers
    When the till is started again
    Then the word at the till matches the books
    And the customer has been charged 20.00 USD

  @FD-80 @own-word
  Scenario: A paid sale is still paid after the till lost power
    Given a sale of 20.00 USD that was paid
    And the till loses power
    When the till is started again
    Then the sale is paid
    And the customer has been charged 20.00 USD
