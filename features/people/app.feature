@guided
Feature: What only people can see of an app and its readers

  @DC-01.2
  Scenario: No secret key is in anything that is shipped
    Given whoever builds the app is asked to search every app, bundle and download that leaves the house for sk_ and rk_ keys
    When they answer for it for 90 days and show what the search printed
    Then the answer is recorded

  @DC-01.6 @kind-app
  Scenario: A mobile reader is given its Location when it connects
    Given whoever builds the app is asked to connect a mobile reader and look up its Location in Stripe's dashboard
    When they answer for it for 180 days and show the reader's page
    Then the answer is recorded

  @DC-05.1 @DC-05.2 @DC-05.4 @kind-app
  Scenario: The app announces a reader update, lets it wait, and shows how far it is
    Given whoever builds the app is asked to have an optional update simulated and watch what the app says before and during it
    When they answer for it for 180 days and show the screens
    Then the answer is recorded

  @DC-05.3 @DC-05.5 @kind-app
  Scenario: A required update keeps the user on the screen and says why connecting is slow
    Given whoever builds the app is asked to have a required update simulated and try to leave its screen
    When they answer for it for 180 days and show the screens
    Then the answer is recorded

  @DC-06.3
  Scenario: No client registers readers by itself
    Given whoever builds the app is asked to search its source for calls that register readers and name who makes them
    When they answer for it for 180 days
    Then the answer is recorded

  @DC-07.4 @kind-app
  Scenario: Whoever pairs a Bluetooth reader chooses its Location
    Given whoever builds the app is asked to pair a Bluetooth reader and see that the app asks for its Location
    When they answer for it for 180 days
    Then the answer is recorded

  @DC-08.2 @DC-08.4 @kind-app
  Scenario: The right reader is found among several, and a missing one is explained
    Given whoever builds the app is asked to choose among three Bluetooth readers, then look for a reader on another network
    When they answer for it for 180 days and show the screens
    Then the answer is recorded

  @DC-09.1 @kind-app
  Scenario: The app ships the current release of Stripe's SDK
    Given whoever builds the app is asked to compare the SDK's version in the build with the newest on Stripe's changelog
    When they answer for it for 30 days and show the build's list of packages
    Then the answer is recorded

  @EX-33 @kind-app
  Scenario: The app shows the customer what a reader without a screen asks for
    Given whoever builds the app is asked to pay with a reader that has no screen and watch what the customer sees
    When they answer for it for 180 days and show the screens
    Then the answer is recorded

  @EX-37 @kind-js
  Scenario: The page in production loads Stripe's script from Stripe
    Given whoever builds the page is asked to open it in production and see where its Terminal script comes from
    When they answer for it for 90 days
    Then the answer is recorded
