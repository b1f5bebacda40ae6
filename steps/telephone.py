"""Orders by telephone: the cashier types a card's number in at the reader."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.stage import Stage
from cardpresent.checks import keyed
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("an order of {amount:Money} by telephone", extra_types=TYPES))
def order(cashier: Cashier, amount: Money) -> None:
    cashier.takes_order_by_telephone(amount)


@when("the goods of the cart are ordered by telephone")
def order_cart(cashier: Cashier) -> None:
    cashier.starts_sale_of_cart(moto=True)


@when("the customer tells the number of an approved card")
def tells(customer: Customer) -> None:
    customer.tells_number("approved")


@then("the card's number was typed in")
@then("no number was asked for")
def typed(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(keyed.typed_only_by_telephone, cashier.sale)


@then("the cart had left the reader before a number was asked for")
def cleared(stage: Stage, cashier: Cashier) -> None:
    stage.judge_observed(keyed.display_cleared_first(stage.followed()), "the cart on the reader")
