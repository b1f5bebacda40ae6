Feature: Requests that nobody at the till would make

  @FD-64 @FD-65
  Scenario: A till that is sent what makes no sense gives no secret away and goes on selling
    Given a sale of 12.00 USD that was paid
    And somebody on the network has sent the till what makes no sense
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the till's answers hold no secret
    And the sale is paid
    And the customer has been charged 20.00 USD

  @FD-65 @FD-64 @needs-webhooks @needs-logs
  Scenario: An event that cannot be understood leaves nobody's name or card in the log
    Given a sale of 20.00 USD
    When events arrive that no handler expects
    Then the till's log holds no secret
    And the sale is not shown as paid

  @FD-64 @DC-01.2 @backend
  Scenario: No page of the till, and nothing that a page is made of, holds a key
    When somebody looks through everything the till's pages are made of
    Then the till's answers hold no secret
