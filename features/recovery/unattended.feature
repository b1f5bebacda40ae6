Feature: A sale that nobody watches any more

  @FD-03 @FD-56 @own-capture @sale-by-request
  Scenario: A sale is finished although its page is closed and every webhook is lost
    Given webhooks are lost
    And a sale of 20.00 USD
    When the customer taps an approved card and nobody looks at the till
    Then the customer has been charged 20.00 USD before anybody asks the till
    And the sale is paid

  @FD-03 @FD-56 @needs-sweep @needs-tip_on_receipt @own-word @last
  Scenario: Money that was collected elsewhere is found by the till's own sweep when every webhook is lost
    Given webhooks are lost
    And a sale of 42.00 USD held on the customer's card
    And the money is collected at Stripe's own pages
    When the till's own sweep is due
    Then the till knows that the sale is paid
    And the customer has been charged 42.00 USD

  @EX-04 @needs-check_status @needs-tip_on_receipt @own-word
  Scenario: Money that was collected elsewhere is found when the cashier asks by hand and every webhook is lost
    Given webhooks are lost
    And a sale of 42.00 USD held on the customer's card
    And the money is collected at Stripe's own pages
    When the cashier asks Stripe again by hand
    Then the till knows that the sale is paid
