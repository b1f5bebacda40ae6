"""Doors that must be shut, and secrets that must not travel."""

from pytest_bdd import given, then, when

from cardpresent.actors.attacker import Attacker
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.stage import Stage
from cardpresent.checks import access


@when("the cashier asks for a connection token")
def ask_token(cashier: Cashier) -> None:
    cashier.asks_token()


@when("a stranger asks for a connection token")
def stranger_asks_token(attacker: Attacker) -> None:
    attacker.asks_token()


@given("somebody on the network has sent the till what makes no sense")
def nonsense(attacker: Attacker, cashier: Cashier) -> None:
    attacker.sends_nonsense(cashier.sale)


@when("somebody looks through everything the till's pages are made of")
def look_through_pages(attacker: Attacker) -> None:
    attacker.looks_through_pages()


@when("events arrive that no handler expects")
def broken_events(attacker: Attacker, cashier: Cashier) -> None:
    attacker.sends_broken_events(cashier.sale)


@then("both requests got a token")
def got_tokens(stage: Stage) -> None:
    stage.judge(access.token_given(stage.followed()))


@then("no token was given twice")
def fresh_tokens(stage: Stage) -> None:
    stage.judge(access.tokens_fresh(stage.followed()))


@then("the stranger got no token")
def no_token(stage: Stage) -> None:
    stage.judge(access.strangers_get_no_token(stage.followed()))


@then("the till's log holds no secret")
def clean_log(stage: Stage) -> None:
    stage.judge_observed(access.no_secret_in_log(stage.followed()), "the till's log")


@then("the till's answers hold no secret")
def clean_answers(stage: Stage) -> None:
    stage.judge_observed(access.no_secret_in_answers(stage.followed()), "an answer of the till")
