"""The end of the day, and days that pass."""

from pytest_bdd import when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.merchant import Merchant


@when("the cashier closes the day")
def close_day(cashier: Cashier) -> None:
    cashier.closes_day()


@when("the cashier closes the day if the till can")
def close_day_if_possible(cashier: Cashier) -> None:
    cashier.closes_day_if_possible()


@when("a week passes")
def week_passes(merchant: Merchant) -> None:
    merchant.lets_hold_lapse()
