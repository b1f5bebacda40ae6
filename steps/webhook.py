"""What arrives at the till's webhook address, and how the till answers it."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.attacker import Attacker
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import webhooks
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given("webhooks are delivered twice")
def twice(network: Network) -> None:
    network.delivers_twice()


@given("webhooks are delivered in reverse")
def in_reverse(network: Network) -> None:
    network.delivers_in_reverse()


@given("webhooks are lost")
def lost(network: Network) -> None:
    network.loses_webhooks()


@given("webhooks are withheld")
def withheld(network: Network) -> None:
    network.withholds_webhooks()


@given(parsers.parse("news of {what} is withheld"))
def news_withheld(network: Network, what: str) -> None:
    network.withholds_news(what)


@when(parsers.parse("an attacker says the sale is paid, in a webhook with {flaw}"))
def forged(attacker: Attacker, cashier: Cashier, flaw: str) -> None:
    attacker.sends_paid_event(cashier.sale, flaw)


@when("a webhook of live mode says the sale is paid")
def of_live_mode(attacker: Attacker, cashier: Cashier) -> None:
    attacker.sends_foreign_event(cashier.sale, livemode=True)


@when("a webhook of a stranger says the sale is paid")
def of_a_stranger(attacker: Attacker, cashier: Cashier) -> None:
    attacker.sends_foreign_event(cashier.sale, account="acct_stranger")


@when("a webhook claims that the earlier payment was for this sale")
def of_another_payment(attacker: Attacker, cashier: Cashier) -> None:
    attacker.claims_payment_of(cashier.sale_before(), cashier.sale)


@when(parsers.parse("a webhook claims that the sale was paid with {amount:Money}", extra_types=TYPES))
def of_a_smaller_amount(attacker: Attacker, cashier: Cashier, amount: Money) -> None:
    attacker.claims_amount(cashier.sale, amount)


@when(parsers.parse("a genuine webhook arrives with {form}"))
def genuine(attacker: Attacker, cashier: Cashier, form: str) -> None:
    attacker.repeats_last_event(cashier.sale, form)


@when("every webhook of the sale is delivered again")
def again(attacker: Attacker) -> None:
    attacker.repeats_every_event()


@given("the till was told of the tap")
def told_of_tap(attacker: Attacker) -> None:
    attacker.awaits_deliveries()


@then("every webhook was answered soon")
def answered_soon(stage: Stage) -> None:
    stage.judge(webhooks.answered_soon(stage.followed()))


@when("Stripe brings again what the till did not take")
def brought_again(network: Network) -> None:
    network.brings_news_again()


@then("the webhook was refused")
def refused(stage: Stage, attacker: Attacker) -> None:
    stage.judge(webhooks.forgery_refused(stage.followed(), attacker.last_event))


@then("the webhook was accepted")
def accepted(stage: Stage, attacker: Attacker) -> None:
    stage.judge(webhooks.genuine_accepted(stage.followed(), attacker.last_event))


@then("the sale stands as it did before")
def unchanged(stage: Stage, cashier: Cashier) -> None:
    stage.judge_unchanged(webhooks.same_state_after, cashier.sale)
