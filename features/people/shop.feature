@guided
Feature: What only people in the shop can see

  @DC-03.3
  Scenario: A customer has got the receipt of a live payment
    Given whoever runs the shop is asked to make one live payment of the smallest amount and have its receipt sent or printed
    When they answer for it for 365 days and show the receipt
    Then the answer is recorded

  @DC-06.2
  Scenario: Staff register a replacement reader without a developer
    Given whoever runs the shop is asked to register a new reader at the till as staff would, with the code on its screen
    When they answer for it for 365 days
    Then Stripe knows the new reader and its Location
    And the answer is recorded

  @DC-07.1
  Scenario: Every site that takes cards has a Location of its own
    Given whoever runs the shop is asked to hold the list of Locations in Stripe's dashboard against the list of sites
    When they answer for it for 180 days and show the list
    Then the answer is recorded

  @DC-07.2
  Scenario: Every reader belongs to the Location where it stands
    Given whoever runs the shop is asked to walk to each reader and compare its serial number with its Location at Stripe
    When they answer for it for 180 days and show the list
    Then the answer is recorded

  @EX-35
  Scenario: The network gives readers what they need for a working day
    Given whoever runs the shop is asked to check that readers have IPv4, an address that lasts a working day, and cable or Wi-Fi but not both
    When they answer for it for 365 days
    Then the answer is recorded

  @EX-36
  Scenario: Readers stay on overnight to update
    Given whoever runs the shop is asked to look after closing whether every reader is plugged in and switched on
    When they answer for it for 180 days
    Then the answer is recorded
