@needs-tip_on_reader
Feature: A tip chosen on the reader

  @FD-43 @FD-44 @EX-21
  Scenario Outline: A tip of <tip> on the reader is charged once and kept
    Given a sale of 20.00 USD
    When the customer adds a tip of <tip> and presents an approved card
    Then the sale is paid
    And the customer has been charged <charged>

    Examples:
      | tip      | charged   |
      | 2.00 USD | 22.00 USD |
      | 0.37 USD | 20.37 USD |
      | 0.00 USD | 20.00 USD |

  @FD-43 @FD-44 @needs-books
  Scenario: The till's books keep the tip apart from the sale
    Given a sale of 20.00 USD
    When the customer adds a tip of 2.00 USD and presents an approved card
    Then the till's books show a tip of 2.00 USD

  @FD-44
  Scenario: A tip is not carried over to the next customer
    Given a sale of 20.00 USD paid with a tip of 4.00 USD
    And a sale of 20.00 USD
    When the customer presents an approved card
    Then the customer has been charged 20.00 USD

  @FD-44 @EX-21
  Scenario: A sale with nothing to tip on is charged without a tip
    Given a sale of 20.00 USD on which nothing is tippable
    When the customer adds a tip of 2.00 USD and presents an approved card
    Then the customer has been charged 20.00 USD

  @FD-44 @EX-21 @needs-skip_tip
  Scenario: A sale for which no tip is asked is charged without a tip
    Given a sale of 20.00 USD for which no tip is asked
    When the customer adds a tip of 2.00 USD and presents an approved card
    Then the customer has been charged 20.00 USD
