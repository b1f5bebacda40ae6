"""Tips: chosen on the reader, or written on the receipt."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.stage import Stage
from cardpresent.checks import tips
from cardpresent.model.money import Money
from steps.amounts import TYPES


@when(parsers.parse("the customer adds a tip of {tip:Money} and presents an approved card", extra_types=TYPES))
def tip_on_reader(customer: Customer, tip: Money) -> None:
    customer.presents("approved", tip=tip)


@given(parsers.parse("a sale of {amount:Money} for which no tip is asked", extra_types=TYPES))
def sale_without_tip_screen(cashier: Cashier, amount: Money) -> None:
    cashier.starts_sale_without_tip(amount)


@given(parsers.parse("a sale of {sale_amount:Money} paid with a tip of {tip:Money}", extra_types=TYPES))
def sale_with_tip(customer: Customer, sale_amount: Money, tip: Money) -> None:
    customer.pays_sale(sale_amount, tip=tip)


@given(parsers.parse("the cashier has added a tip of {tip:Money}", extra_types=TYPES))
@when(parsers.parse("the cashier adds a tip of {tip:Money}", extra_types=TYPES))
def tip_on_receipt(cashier: Cashier, tip: Money) -> None:
    cashier.adds_tip(tip)


@then(parsers.parse("the tip was {outcome}"))
def tip_outcome(stage: Stage, cashier: Cashier, outcome: str) -> None:
    stage.judge(tips.answered(stage.followed(), cashier.sale.id, outcome))


@then(parsers.parse("the till's books show a tip of {tip:Money}", extra_types=TYPES))
def tip_in_books(stage: Stage, cashier: Cashier, tip: Money) -> None:
    stage.judge_final(tips.in_books, cashier.sale, tip)
