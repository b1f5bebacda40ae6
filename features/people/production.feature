@guided
Feature: What only people can see of the till in production

  @EX-03
  Scenario: Reader events have a webhook endpoint of their own
    Given whoever runs the server is asked to open the list of webhook endpoints in Stripe's dashboard
    When they answer for it for 180 days and show the list
    Then the answer is recorded

  @FD-69
  Scenario: Production holds live keys and real readers, and no way to make up an approval
    Given whoever runs the server is asked to look through production's settings for test keys, simulated readers and sales approved by hand
    When they answer for it for 90 days
    Then the answer is recorded
