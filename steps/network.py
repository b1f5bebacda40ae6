"""What goes wrong between the till and Stripe."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.network import STEPS, Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import conduct


@given(parsers.parse("Stripe's answers to {step} are lost {times:d} times"))
def answers_lost(network: Network, step: str, times: int) -> None:
    network.loses_answer(step, times=times)


@given(parsers.parse("Stripe fails {step} {times:d} times"))
def stripe_fails(network: Network, step: str, times: int) -> None:
    network.fails(step, times=times)


@given(parsers.parse("Stripe fails {step} until the network recovers"))
def stripe_keeps_failing(network: Network, step: str) -> None:
    network.fails(step, times=None)


@given(parsers.parse("Stripe limits {step} by {limit}"))
def stripe_limits(network: Network, step: str, limit: str) -> None:
    network.limits(step, lock_timeout=limit == "a lock")


@given("Stripe has no time for any call of the till until the network recovers")
def stripe_overrun(network: Network) -> None:
    network.limits_everything()


@given("Stripe puts off each step of a payment twice")
def each_step_put_off(network: Network) -> None:
    network.limits_each_step()


@given("the till is cut off from Stripe")
def cut_off(network: Network) -> None:
    network.is_cut()


@given(parsers.parse("Stripe keeps its answers to {step} until the network recovers"))
def answers_kept(network: Network, step: str) -> None:
    network.answers_late(step)


@given(parsers.parse("Stripe keeps its next answer to {step} until the network recovers"))
def one_answer_kept(network: Network, step: str) -> None:
    network.answers_one_late(step)


@when("the customer takes a while to find a card")
def watched(network: Network) -> None:
    network.is_watched()


@then("the till asked Stripe no more often than it declares")
def waits_quietly(stage: Stage) -> None:
    stage.judge(conduct.waits_quietly(stage.followed(), stage.around.bounds.waiting_calls_per_s))


@given(parsers.parse("Stripe takes a while to answer {step}"))
def answers_slow(network: Network, step: str) -> None:
    network.dawdles(step)


@given(parsers.parse("news of {step} overtakes Stripe's answer to it"))
def answer_overtaken(network: Network, step: str) -> None:
    network.overtakes(step)


@given("the till would ask Stripe in vain")
def asks_in_vain(network: Network) -> None:
    network.is_cut(must_be_met=False)


@given("the till has met the failure")
def failure_met(network: Network) -> None:
    network.await_failure()


@given("the network recovers")
@when("the network recovers")
def recovers(network: Network) -> None:
    network.recovers()


@then(parsers.parse("{step} was repeated under its own key"))
def repeated_under_key(stage: Stage, step: str) -> None:
    stage.judge(conduct.repeated_under_one_key(stage.followed(), STEPS[step]))


@then("no refund was made for money that was never taken")
def no_refund(stage: Stage) -> None:
    stage.judge(conduct.no_refund_before_capture(stage.followed()))
