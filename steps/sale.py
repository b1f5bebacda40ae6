"""What a cashier does with a sale, and what the screen and the books say of it."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors import several, unattended
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import charges, debit, words
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given(parsers.parse("a sale of {amount:Money}", extra_types=TYPES))
@when(parsers.parse("the cashier starts a sale of {amount:Money}", extra_types=TYPES))
@given(parsers.parse("a sale of {amount:Money} that could not be sent to the reader", extra_types=TYPES))
def sale(cashier: Cashier, amount: Money) -> None:
    cashier.starts_sale(amount)


@given(parsers.parse("a sale of {amount:Money} to be collected later", extra_types=TYPES))
def sale_for_later(cashier: Cashier, amount: Money) -> None:
    cashier.starts_sale(amount, collected_later=True)


@given(parsers.parse("a sale of {amount:Money} that was paid", extra_types=TYPES))
def paid_sale(customer: Customer, amount: Money) -> None:
    customer.pays_sale(amount)


@given(parsers.parse("a sale of {amount:Money} held on the customer's card", extra_types=TYPES))
def held_sale(customer: Customer, amount: Money) -> None:
    customer.leaves_hold(amount, "approved")


@given(parsers.parse("a sale of {amount:Money} held on a {brand} card", extra_types=TYPES))
def held_sale_on_brand(customer: Customer, amount: Money, brand: str) -> None:
    customer.leaves_hold(amount, brand)


@given(parsers.parse("a sale of {amount:Money} submitted twice at once", extra_types=TYPES))
def sale_submitted_twice(cashier: Cashier, amount: Money) -> None:
    cashier.submits_at_once(amount)


@given(parsers.parse("a sale of {amount:Money} submitted {times:d} times at once", extra_types=TYPES))
def sale_submitted_often(cashier: Cashier, amount: Money, times: int) -> None:
    cashier.submits_at_once(amount, times)


@given(parsers.parse("a sale of {amount:Money} on which nothing is tippable", extra_types=TYPES))
def sale_without_tip(cashier: Cashier, amount: Money) -> None:
    cashier.starts_sale(amount, eligible=Money.zero(amount.currency))


@given(parsers.parse("{count:d} sales of {amount:Money} whose cards were approved", extra_types=TYPES))
def several_sales(customer: Customer, count: int, amount: Money) -> None:
    customer.taps_for_several(count, amount)


@given(parsers.parse("a sale of {amount:Money} started through a proxy that cuts long requests", extra_types=TYPES))
def sale_through_proxy(cashier: Cashier, amount: Money) -> None:
    cashier.starts_impatiently(amount)


@when("the cashier asks Stripe again by hand")
def ask_by_hand(cashier: Cashier) -> None:
    cashier.checks_status()


@when("the cashier sends the sale again")
def send_again(cashier: Cashier) -> None:
    cashier.sends_again()


@given("the cashier asks for a card again")
@when("the cashier asks for a card again")
def ask_again(cashier: Cashier) -> None:
    cashier.retries()


@given("the cashier asks for a card again if the reader is at rest")
@when("the cashier asks for a card again if the reader is at rest")
def ask_again_if_needed(cashier: Cashier) -> None:
    cashier.retries_if_reader_rests()


@given(parsers.parse("the cashier changes the sale to {amount:Money}", extra_types=TYPES))
def change_sale(cashier: Cashier, amount: Money) -> None:
    cashier.edits(amount)


@given("the cashier has cancelled the sale")
@when("the cashier cancels the sale")
def cancel_sale(cashier: Cashier) -> None:
    cashier.cancels()


@when("the cashier collects the money")
def collect(cashier: Cashier) -> None:
    cashier.collects()


@when("the till is asked for a sale that does not exist")
def unknown_sale(cashier: Cashier) -> None:
    cashier.asks_for_unknown_sale()


@then("the sale is paid")
def is_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.told_paid, cashier.sale)


@then("every sale is paid")
def all_paid(stage: Stage) -> None:
    stage.judge_every(words.told_paid)


@then("the sale is not paid")
def is_not_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.told_not_paid, cashier.sale)


@given("the sale is still shown as paid")
def is_still_shown_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(words.told_paid, cashier.sale)


@given("the sale is not shown as paid")
def is_not_shown_paid_yet(stage: Stage, cashier: Cashier, network: Network) -> None:
    network.await_pause()
    stage.judge_now(words.not_told_paid, cashier.sale)


@then("the sale is not shown as paid")
@then("the sale is not shown as paid in full")
def is_not_shown_paid(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(words.not_told_paid, cashier.sale)


@then("the cashier was told of no decline")
def no_decline(stage: Stage, cashier: Cashier) -> None:
    stage.judge(words.no_decline_without_a_card(stage.followed(), cashier.sale.id, stage.subject))


@then("the cashier is told the money is held")
def is_held(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.told_held, cashier.sale)


@then("the cashier was never told not paid")
def never_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(words.never_told_refused_while_charged, cashier.sale)


@then(parsers.parse("the customer has been charged {amount:Money}", extra_types=TYPES))
def charged(stage: Stage, cashier: Cashier, amount: Money) -> None:
    stage.judge_final(charges.charged_total, cashier.sale, amount)


@then(parsers.parse("the customer has been charged {amount:Money} before anybody asks the till", extra_types=TYPES))
def charged_unasked(stage: Stage, cashier: Cashier, amount: Money) -> None:
    unattended.judge_unasked(stage, charges.charged_total, cashier.sale, amount)


@then("each sale is charged once")
def each_charged(stage: Stage) -> None:
    several.judge_amounts(stage, charges.charged_total)


@then("the customer has been charged the amount on the till")
def charged_as_shown(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.charged_total, cashier.sale, cashier.sale.amount)


@then(parsers.parse("{amount:Money} is held on the card", extra_types=TYPES))
def held(stage: Stage, cashier: Cashier, amount: Money) -> None:
    stage.judge_final(charges.held_total, cashier.sale, amount)


@then("the card was asked for the amount on the till")
def asked(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.amount_at_stripe, cashier.sale)


@then("neither sale was paid by the other's payment")
def no_mix_up(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.nothing_charged_for_goods_elsewhere, cashier.sale, cashier.sale_before().id)


@then("the card's money was collected at once")
def collected_at_once(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(debit.collected_at_once, cashier.sale)


@then("what was collected is not collected again")
def not_captured_again(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(debit.not_captured_again, cashier.sale)
