"""The shop where it stands: its usual sale, its own money, and what its readers cannot serve."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.stage import Stage
from cardpresent.checks import charges, countries, refunds
from cardpresent.profile import Verb


@given("the usual sale of the shop")
def usual_sale(cashier: Cashier) -> None:
    cashier.starts_usual_sale()


@given("the usual sale of the shop that was paid")
def usual_sale_paid(customer: Customer) -> None:
    customer.pays_usual_sale()


@when("the cashier refunds a part of it")
def refund_part(cashier: Cashier) -> None:
    cashier.refunds_usual()


@then("the customer has been refunded that part")
def part_refunded(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.refunded_total, cashier.sale, stage.around.merchant.refund)


@then("that part is given back by the charge that succeeded")
def part_from_good_charge(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(refunds.from_the_charge_that_succeeded, cashier.sale, stage.around.merchant.refund)


@then("the till counts one payment of the amount on the till")
def counted_once(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(charges.counted_once, cashier.sale)


@when("prices that careless arithmetic gets wrong are paid one after the other")
def sweep(customer: Customer) -> None:
    customer.pays_each()


@then("each card was asked for the amount on the till")
def each_asked(stage: Stage) -> None:
    stage.judge_every(charges.amount_at_stripe)


@when(parsers.parse("the cashier starts a sale in a foreign currency with {decimals:d} decimals"))
def foreign_currency(cashier: Cashier, decimals: int) -> None:
    cashier.starts_sale_elsewhere(decimals)


@then("the sale is refused in words, and no card is asked for")
def currency_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(countries.currency_refused, cashier.sale, stage.around.reads_words("start_sale"))


@when("a reader that is registered abroad is put to work")
def reader_abroad(merchant: Merchant, cashier: Cashier) -> None:
    merchant.puts_reader_abroad_to_work(cashier)


@then("the reader is refused in words")
def abroad_refused(stage: Stage) -> None:
    verb: Verb = "bind_reader" if stage.around.pos.offers("bind_reader") else "start_sale"
    stage.judge(countries.reader_abroad_refused(stage.followed(), stage.around.reads_words(verb)))
