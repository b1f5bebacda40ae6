"""The end of the day, and days that pass."""

from pytest_bdd import given, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.stage import Stage
from cardpresent.checks import day


@given("the cashier has closed the day")
@when("the cashier closes the day")
def close_day(cashier: Cashier) -> None:
    cashier.closes_day()


@when("the cashier closes the day if the till can")
def close_day_if_possible(cashier: Cashier) -> None:
    cashier.closes_day_if_possible()


@when("a week passes")
def week_passes(merchant: Merchant) -> None:
    merchant.lets_hold_lapse()


@then("the day was closed")
def day_closed(stage: Stage) -> None:
    stage.judge(day.closed(stage.followed()))
