"""The page a cashier works at."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.screen import Screen
from cardpresent.actors.stage import Stage
from cardpresent.checks import words
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("a sale of {amount:Money} started at the page", extra_types=TYPES))
def sale_at_page(screen: Screen, amount: Money) -> None:
    screen.starts_sale(amount)


@given(parsers.parse("a sale of {amount:Money} started at the page with a double click", extra_types=TYPES))
def sale_with_double_click(screen: Screen, amount: Money) -> None:
    screen.starts_sale(amount, clicks=2)


@given("the page is loaded anew")
def reload(screen: Screen) -> None:
    screen.reloads()


@when("the cashier cancels at the page")
def cancel_at_page(screen: Screen) -> None:
    screen.cancels()


@then("the page says paid")
def says_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.told_paid, cashier.sale)


@then("the page says not paid")
def says_not_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.told_not_paid, cashier.sale)


@when("the cashier asks how the sale stands")
def asks_by_hand(cashier: Cashier) -> None:
    cashier.checks_status()


@then("the answer says that the sale is paid")
def answered_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(words.found_by_hand, cashier.sale)


@then("the cashier reads words, a reference and a next step")
def explained(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.explained, cashier.sale)
