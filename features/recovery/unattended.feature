Feature: A sale that nobody watches any more

  @FD-03 @FD-56 @own-capture
  Scenario: A sale is finished although its page is closed and every webhook is lost
    Given webhooks are lost
    And a sale of 20.00 USD
    When the customer taps an approved card and nobody looks at the till
    Then the customer has been charged 20.00 USD before anybody asks the till
    And the sale is paid
