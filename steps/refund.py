"""Giving money back."""

from functools import partial

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.stage import Stage
from cardpresent.checks import access, charges, refunds, tips
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("the cashier has refunded {amount:Money}", extra_types=TYPES))
@when(parsers.parse("the cashier refunds {amount:Money}", extra_types=TYPES))
def refund(cashier: Cashier, amount: Money) -> None:
    cashier.refunds(amount)


@when("the customer presents the card that paid")
def refund_to_card(customer: Customer) -> None:
    customer.presents_for_refund("Interac")


@given("the customer has presented another card for it")
@when("the customer presents another card")
def refund_to_other_card(customer: Customer) -> None:
    customer.presents_for_refund("approved")


@when("the customer cancels the refund on the reader")
def refund_cancelled(customer: Customer) -> None:
    customer.cancels_refund_on_reader()


@when("the cashier sends the refund again")
def refund_again(cashier: Cashier) -> None:
    cashier.refunds_again()


@given("a month passes")
@when("a month passes")
def month_passes(merchant: Merchant) -> None:
    merchant.lets_refund_fail()


@then("the refund was refused")
def refund_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge(access.refused(stage.followed(), "refund_sale", cashier.sale.id, "FD-50", "refunds.refused"))


@then(parsers.parse("the customer has been refunded {amount:Money}", extra_types=TYPES))
def refunded(stage: Stage, cashier: Cashier, amount: Money) -> None:
    stage.judge_final(charges.refunded_total, cashier.sale, amount)


@then("the till no longer counts the refund as made")
def refund_failed(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(partial(refunds.failed_refund_not_counted, requirement=stage.subject), cashier.sale)


@then("nothing was refunded")
def nothing_refunded(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.refunded_total, cashier.sale, Money.zero(cashier.sale.amount.currency))


@then(parsers.parse("the till offers to refund {amount:Money}", extra_types=TYPES))
def offered(stage: Stage, cashier: Cashier, amount: Money) -> None:
    stage.judge_final(refunds.offered, cashier.sale, amount)


@then("the tip in the refund is what the shop's rule makes of it")
def tip_by_rule(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(tips.refunded_by_rule, cashier.sale)


@then(parsers.parse("the card that paid has been given back {amount:Money} at the reader", extra_types=TYPES))
def given_back_at_reader(stage: Stage, cashier: Cashier, amount: Money) -> None:
    stage.judge_final(refunds.given_back_at_the_reader, cashier.sale, amount)


@then("the refund is not counted as made")
def unfinished(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(refunds.unfinished_not_counted, cashier.sale)
