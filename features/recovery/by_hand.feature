Feature: A cashier who asks for the true state by hand

  @EX-04 @needs-check_status @needs-tip_on_receipt @needs-webhooks @own-word
  Scenario: The cashier's question alone brings in money that was collected elsewhere
    Given webhooks are lost
    And a sale of 42.00 USD held on the customer's card
    And the money is collected at Stripe's own pages
    When the cashier asks how the sale stands
    Then the answer says that the sale is paid
