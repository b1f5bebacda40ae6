Feature: Whatever happens, in whatever order

  @FD-81 @FD-01 @FD-03 @FD-22
  Scenario: Whatever befalls a sale in whatever order, the till ends up saying what the books say
    Given everything that can befall a sale
    When it befalls the till in one order after another
    Then no order has ended in a word that the books contradict

  @FD-49 @FD-54 @needs-refund
  Scenario: Whatever befalls a refund in whatever order, it is made once and told as it is
    Given everything that can befall a refund
    When it befalls the till in one order after another
    Then no order has ended in a word that the books contradict
