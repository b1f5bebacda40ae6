"""What the customer sees on the reader before a card is asked for."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.stage import Stage
from cardpresent.checks import display
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("a cart of {amount:Money} on the reader", extra_types=TYPES))
@given(parsers.parse("the cart on the reader has been changed to {amount:Money}", extra_types=TYPES))
@when(parsers.parse("the cashier changes the cart on the reader to {amount:Money}", extra_types=TYPES))
def cart(cashier: Cashier, amount: Money) -> None:
    cashier.shows_cart(amount)


@given(parsers.parse("a cart of {amount:Money} on the reader, {tax:Money} of it tax", extra_types=TYPES))
@when(parsers.parse("the cashier shows a cart of {amount:Money}, {tax:Money} of it tax", extra_types=TYPES))
def cart_with_tax(cashier: Cashier, amount: Money, tax: Money) -> None:
    cashier.shows_cart(amount, tax=tax)


@given("the cashier has the cart shown while the reader waits for the card")
def cart_over_payment(cashier: Cashier) -> None:
    cashier.shows_cart_over_payment()


@when("the customer pays for the cart with an approved card")
def pay_cart(customer: Customer) -> None:
    customer.pays_cart()


@when("the cashier puts the cart away")
def put_away(cashier: Cashier) -> None:
    cashier.puts_cart_away()


@then(parsers.parse("the reader shows a total of {amount:Money}", extra_types=TYPES))
def shows_total(stage: Stage, amount: Money) -> None:
    stage.judge(display.shown_total(stage.followed(), amount))


@then("the customer has been charged what the reader showed")
def charged_as_shown(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(display.shown_is_charged, cashier.sale)


@then("the reader shows no cart")
def shows_none(stage: Stage) -> None:
    stage.judge(display.nothing_shown(stage.followed()))
