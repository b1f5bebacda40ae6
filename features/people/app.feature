@guided
Feature: What only people can see of an app and its readers

  @DC-01.2
  Scenario: No secret key is in anything that is shipped
    Given whoever builds the app is asked to search every app, bundle and download that leaves the house for sk_ and rk_ keys
    When they answer for it for 90 days and show what the search printed
    Then the answer is recorded

  @DC-06.3
  Scenario: No client registers readers by itself
    Given whoever builds the app is asked to search its source for calls that register readers and name who makes them
    When they answer for it for 180 days
    Then the answer is recorded

  @DC-08.2 @DC-08.4 @kind-app
  Scenario: The right reader is found among several, and a missing one is explained
    Given whoever builds the app is asked to choose among three Bluetooth readers, then look for a reader on another network
    When they answer for it for 180 days and show the screens
    Then the answer is recorded

  @DC-08.4 @kind-js-sdk
  Scenario: A reader that the page does not find is explained
    Given whoever builds the page is asked to move a reader to another network, look for it at the page and read what it says
    When they answer for it for 180 days and show the screen
    Then the answer is recorded

  @DC-09.1 @kind-app
  Scenario: The app ships the current release of Stripe's SDK
    Given whoever builds the app is asked to compare the SDK's version in the build with the newest on Stripe's changelog
    When they answer for it for 30 days and show the build's list of packages
    Then the answer is recorded

  @EX-37 @kind-js-sdk
  Scenario: The page in production loads Stripe's script from Stripe
    Given whoever builds the page is asked to open it in production and see where its Terminal script comes from
    When they answer for it for 90 days
    Then the answer is recorded
