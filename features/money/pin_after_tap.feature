@each-country @pin-after-tap
Feature: A bank that wants the PIN after the tap

  @EX-19 @FD-13
  Scenario: A card whose PIN is wanted after the tap is paid once
    Given the usual sale of the shop
    When the customer presents the card that wants its PIN after the tap
    Then the till counts one payment of the amount on the till
    And the customer has been charged the amount on the till

  @FD-50 @needs-refund
  Scenario: A refund after a PIN that was wanted late comes from the charge that succeeded
    Given the usual sale of the shop
    And the customer has paid with a card that wants its PIN after the tap
    When the cashier refunds a part of it
    Then that part is given back by the charge that succeeded
    And the customer has been refunded that part
