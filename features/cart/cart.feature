@needs-show_cart
Feature: The cart on the reader

  @EX-31
  Scenario: The reader shows what the goods and the tax come to
    When the cashier shows a cart of 21.60 USD, 1.60 USD of it tax
    Then the reader shows a total of 21.60 USD

  @EX-31
  Scenario: A cart is charged as the reader showed it, tax included
    Given a cart of 43.20 USD on the reader, 3.20 USD of it tax
    When the customer pays for the cart with an approved card
    Then the sale is paid
    And the customer has been charged 43.20 USD
    And the customer has been charged what the reader showed

  @EX-31
  Scenario: A cart that is changed is shown again at its new total
    Given a cart of 20.00 USD on the reader
    When the cashier changes the cart on the reader to 27.50 USD
    Then the reader shows a total of 27.50 USD

  @EX-31
  Scenario: A cart that was changed is charged at its new total
    Given a cart of 20.00 USD on the reader
    And the cart on the reader has been changed to 27.50 USD
    When the customer pays for the cart with an approved card
    Then the customer has been charged 27.50 USD
    And the customer has been charged what the reader showed

  @EX-31
  Scenario: A cart that is put away leaves the reader clear for the next customer
    Given a cart of 20.00 USD on the reader
    When the cashier puts the cart away
    Then the reader shows no cart

  @EX-31
  Scenario: A cart does not push a payment off its reader unnoticed
    Given a sale of 20.00 USD
    And the cashier has the cart shown while the reader waits for the card
    When the customer presents an approved card if the reader asks for one
    Then the word at the till matches the books
