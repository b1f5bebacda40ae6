"""Payments taken without a network, and what becomes of them."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from cardpresent.actors import several
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.errors import NotDemonstrated
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import offline, tokens
from cardpresent.drivers.pos.port import Verb
from cardpresent.model.money import Money
from steps.amounts import TYPES

LEAVING: Final[dict[str, Verb]] = {
    "logs out": "log_out",
    "clears the device": "clear_device",
    "switches to another account": "switch_account",
}


@given("the shop has no network")
@given("the shop loses its network")
def no_network(network: Network) -> None:
    network.goes_offline()


@given(parsers.parse("a sale of {amount:Money} stored without a network", extra_types=TYPES))
def stored_sale(customer: Customer, amount: Money) -> None:
    customer.stores(amount, "approved")


@given(parsers.parse("a sale of {amount:Money} stored on a {card} card", extra_types=TYPES))
def stored_on_card(customer: Customer, amount: Money, card: str) -> None:
    customer.stores(amount, card)


@given(parsers.parse("a sale of {amount:Money} stored on a card its bank will decline", extra_types=TYPES))
def stored_to_be_declined(customer: Customer, amount: Money) -> None:
    customer.stores_what_will_be_declined(amount)


@when("the customer presents an approved card as often as the reader asks")
def as_often_as_asked(customer: Customer) -> None:
    customer.presents_as_asked("approved")


@when("the customer presents an approved card if the till asks for one")
@given("the customer has presented an approved card if the till asked for one")
def presents_if_till_asks(customer: Customer) -> None:
    customer.presents_if_till_asks("approved")


@when(parsers.parse("the network recovers, and the first {times:d} answers to {step} are lost"))
def recovers_losing(network: Network, times: int, step: str) -> None:
    network.recovers_roughly("answer_lost", step, times)


@when(parsers.parse("the network recovers, and Stripe fails {step} {times:d} times at first"))
def recovers_failing(network: Network, times: int, step: str) -> None:
    network.recovers_roughly("server_error", step, times)


@when("the network recovers, and a customer pays while the stored payments are sent")
def recovers_with_customer(customer: Customer, network: Network) -> None:
    customer.pays_while_sending(network)


@given("the till loses power while it sends them")
def dies_sending(network: Network, merchant: Merchant) -> None:
    merchant.loses_power_while_sending(network)


@given("the SDK will send a stored payment twice")
def sdk_sends_twice(network: Network) -> None:
    network.reader_fault("forwarded_twice", count=1)


@given(parsers.parse("the cashier {leaves} while payments are stored"))
def leaves(cashier: Cashier, leaves: str) -> None:
    cashier.does_to_till(LEAVING[leaves])


@when("the cashier starts a sale above the till's own limit for one")
def above_each(cashier: Cashier) -> None:
    cashier.starts_sale_above_limit()


@given("as much is stored as the till lets wait")
def filled_up(customer: Customer) -> None:
    customer.fills_up_store()


@when("the cashier starts one more sale")
def one_more(stage: Stage, cashier: Cashier) -> None:
    cashier.starts_sale(stage.around.prices.usual(1480))


@when("the manager puts another reader at the till")
def other_reader(merchant: Merchant) -> None:
    merchant.replaces_reader()


@then("the cashier is told the payment is stored, not approved")
def is_stored(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(offline.told_stored, cashier.sale, stage.subject)


@then("the payment is listed as lost, with somebody to see to it")
def is_owned(stage: Stage, cashier: Cashier) -> None:
    several.judge_listed(stage, offline.lost_has_owner, cashier.sale)


@then("the till's sums count it as lost")
def is_summed(stage: Stage, cashier: Cashier) -> None:
    several.judge_listed(stage, offline.loss_in_sums, cashier.sale)


@then("the payment is listed as waiting too long")
def is_overdue(stage: Stage, cashier: Cashier) -> None:
    several.judge_listed(stage, offline.listed_as_overdue, cashier.sale)


@then("the sale is refused before a card is asked for")
def is_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(offline.refused_before_card, cashier.sale, stage.subject)


@then("the payment is stored, or the till says why not")
def is_taken_or_explained(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(offline.taken_or_explained, cashier.sale, stage.subject)


@then("the card is refused, or another one is asked for")
def is_card_refused(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(offline.card_refused, cashier.sale, stage.subject)


@then("the day is kept open")
def is_kept_open(stage: Stage) -> None:
    stage.judge(offline.kept_open(stage.followed()))


@given("the cashier was told that the reader is gone")
def is_told_gone(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(offline.link_loss_told, cashier.sale)


@then("the payment at Stripe carries the till's own id of the sale")
def is_marked(stage: Stage, cashier: Cashier) -> None:
    if stage.around.metadata_key is None:
        raise NotDemonstrated("the till's file names no metadata key ([identity])")
    stage.judge_final(offline.own_mark, cashier.sale, stage.around.metadata_key)


@then(parsers.parse("the first sale is charged on the {first} card and the second on the {second} card"))
def own_cards(stage: Stage, first: str, second: str) -> None:
    several.judge_in_order(stage, offline.own_card, first.lower(), second.lower())


@then("every token was made for this shop alone")
def tokens_limited(stage: Stage) -> None:
    stage.judge(tokens.limited_to_shop(stage.followed(), stage.around.location))


@then("each connection of a reader had a token of its own")
def tokens_each(stage: Stage) -> None:
    stage.judge(tokens.one_each_connection(stage.followed()))
