"""The end of the day, and days that pass."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.stage import Stage
from cardpresent.checks import day, words
from cardpresent.model.money import Money
from steps.amounts import TYPES


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


@given(parsers.parse("{days:d} days have passed"))
@when(parsers.parse("{days:d} days pass"))
def days_pass(merchant: Merchant, days: int) -> None:
    merchant.lets_days_pass(days)


@then("the day was closed")
def day_closed(stage: Stage) -> None:
    stage.judge(day.closed(stage.followed()))


@given("the money is collected at Stripe's own pages")
def collected_at_stripe(merchant: Merchant) -> None:
    merchant.collects_at_stripe()


@when("the till's own sweep is due")
def sweep_due(merchant: Merchant) -> None:
    merchant.lets_sweep_come()


@then("the till knows that the sale is paid")
def knows_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(words.told_paid, cashier.sale)


@then("the closing names the sale as different")
def difference_named(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(day.difference_named, cashier.sale)


@then("the closing names no difference for the sale")
def no_difference(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(day.no_difference_named, cashier.sale)


@given(parsers.parse("somebody has refunded {amount:Money} at Stripe, not at the till", extra_types=TYPES))
def refunded_at_dashboard(merchant: Merchant, cashier: Cashier, amount: Money) -> None:
    merchant.refunds_at_dashboard(cashier.sale, amount)


@given(parsers.parse("somebody has collected {amount:Money} at Stripe, not at the till", extra_types=TYPES))
@when(parsers.parse("somebody collects {amount:Money} at Stripe, not at the till", extra_types=TYPES))
def captured_at_dashboard(merchant: Merchant, cashier: Cashier, amount: Money) -> None:
    merchant.captures_at_dashboard(cashier.sale, amount)
