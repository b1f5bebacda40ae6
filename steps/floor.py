"""Cash for a part of a sale, what staff do while a payment is under way, and who may do it."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.floor import Floor
from cardpresent.actors.stage import Stage
from cardpresent.checks import access, charges
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("a sale of {amount:Money} of which {cash:Money} is paid in cash", extra_types=TYPES))
def partly_cash(floor: Floor, amount: Money, cash: Money) -> None:
    floor.opens_with_cash(amount, cash)


@given(parsers.parse("the cashier has taken {cash:Money} in cash", extra_types=TYPES))
def cash_taken(floor: Floor, cash: Money) -> None:
    floor.takes_cash(cash)


@given(parsers.parse("the cashier takes {cash:Money} in cash while the reader asks for a card", extra_types=TYPES))
def cash_under_way(floor: Floor, cash: Money) -> None:
    floor.takes_cash_under_way(cash)


@given(parsers.parse("the cashier changes the sale to {amount:Money} while the bank is answering", extra_types=TYPES))
def edit_under_way(floor: Floor, amount: Money) -> None:
    floor.edits_under_way(amount)


@given("the cashier closes the day while the reader asks for a card")
def day_closed_under_way(floor: Floor) -> None:
    floor.closes_day_under_way()


@given("the manager finishes the sale by hand while the reader asks for a card")
def finish_under_way(floor: Floor) -> None:
    floor.finishes_under_way()


@when("the manager finishes the sale by hand")
def finish(floor: Floor) -> None:
    floor.finishes()


@when("the cashier tries to finish the sale by hand")
def finish_as_cashier(floor: Floor) -> None:
    floor.finishes(role="cashier")


@when("the manager finishes the sale by hand without a reason")
def finish_without_reason(floor: Floor) -> None:
    floor.finishes(reason="")


@when("the manager finishes the sale by hand with the earlier sale's payment")
def finish_with_other_payment(floor: Floor, cashier: Cashier) -> None:
    floor.finishes(payment_of=cashier.sale_before())


@when(parsers.parse("the cashier tries to refund {amount:Money} without the manager", extra_types=TYPES))
def refund_as_cashier(floor: Floor, amount: Money) -> None:
    floor.refunds_as_cashier(amount)


@when("staff of another shop look at the sale")
def other_shop_looks(floor: Floor) -> None:
    floor.other_shop_asks("sale_state")


@when(parsers.parse("staff of another shop refund {amount:Money}", extra_types=TYPES))
def other_shop_refunds(floor: Floor, amount: Money) -> None:
    floor.other_shop_asks("refund_sale", amount)


@when("staff of another shop cancel the sale")
def other_shop_cancels(floor: Floor) -> None:
    floor.other_shop_asks("cancel_sale")


@then("the customer has been charged what the sale still owed")
def charged_balance(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.charged_balance, cashier.sale)


@then("finishing by hand was refused")
def finish_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge(access.refused(stage.followed(), "finish_sale", cashier.sale.id, "FD-24", "access.refused"))


@then("the till let nobody do what they may not")
def nobody_did(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(access.untouched, cashier.sale)


@then("the other shop was told nothing of the sale")
def told_nothing(stage: Stage, cashier: Cashier) -> None:
    stage.judge(access.other_shop_told_nothing(stage.followed(), cashier.sale.id))


@given(parsers.parse("the hold has been raised to {total:Money}", extra_types=TYPES))
@when(parsers.parse("the cashier raises the hold to {total:Money}", extra_types=TYPES))
def raise_hold(floor: Floor, total: Money) -> None:
    floor.raises_hold(total)


@given(parsers.parse("the hold has been raised {times:d} times by {amount:Money}", extra_types=TYPES))
def raise_often(floor: Floor, times: int, amount: Money) -> None:
    floor.raises_often(times, amount)


@then("raising the hold was refused")
def raise_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge(access.refused(stage.followed(), "raise_hold", cashier.sale.id, "FD-46", "access.refused"))


@then("raising the hold once more was refused")
def raise_too_often(stage: Stage, cashier: Cashier) -> None:
    stage.judge(access.refused(stage.followed(), "raise_hold", cashier.sale.id, "EX-23", "access.refused"))
