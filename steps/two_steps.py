"""Cards that the till has read first, and charges afterwards."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.stage import Stage
from cardpresent.checks import collected
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("a sale of {amount:Money} whose card is read before it is charged", extra_types=TYPES))
def sale_to_look_first(cashier: Cashier, amount: Money) -> None:
    cashier.starts_sale_to_look_first(amount)


@when("half a minute passes")
def half_a_minute(merchant: Merchant) -> None:
    merchant.lets_half_a_minute_pass()


@then("the card was charged or let go in time")
def in_time(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(collected.ended_in_time, cashier.sale)


@then("no server confirmed the payment past the reader")
def through_reader(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(collected.never_confirmed_by_server, cashier.sale)
