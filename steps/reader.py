"""What becomes of the reader, and of the bank behind it."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import conduct, invariants, reader
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given("the shop has another reader")
def another_reader(stage: Stage) -> None:
    stage.registers_another_reader()


@then("only the till's own reader was sent the sale")
def own_reader(stage: Stage) -> None:
    stage.judge(conduct.own_reader_only(stage.followed(), stage.reader))


@given("the reader is offline")
def offline(network: Network) -> None:
    network.reader_fault("reader_offline")


@given("the reader installs an update")
def updating(network: Network) -> None:
    network.reader_fault("reader_updating")


@given("the reader has an empty battery")
def flat_battery(network: Network) -> None:
    network.battery_runs_out()


@given("the reader is listed as offline though it works")
def listed_offline(network: Network) -> None:
    network.reader_fault("listed_offline")


@given("the reader is busy with an update")
def busy(network: Network) -> None:
    network.reader_fault("reader_busy")


@given("the reader has refused it")
def has_refused(network: Network) -> None:
    network.await_reader_fault()


@given("the reader stays busy for a while")
def stays_busy(network: Network) -> None:
    network.stays_busy()


@given("the reader gets the sale but its acknowledgement is lost")
def acknowledgement_lost(network: Network) -> None:
    network.reader_fault("timeout_after_send", count=1)


@given("the reader does not get the first command")
def command_lost(network: Network) -> None:
    network.reader_fault("timeout_not_sent", count=1)


@given("the reader will lose contact after the bank approved")
def contact_lost_after(network: Network) -> None:
    network.reader_fault("connection_error", approved=True, count=1)


@given("the reader will lose contact before the bank is asked")
def contact_lost_before(network: Network) -> None:
    network.reader_fault("connection_error", approved=False, count=1)


@given("the reader will die after the bank approved")
def dies_after(network: Network) -> None:
    network.reader_fault("stuck_action", approved=True, count=1)


@given("the reader will die before the bank is asked")
def dies_before(network: Network) -> None:
    network.reader_fault("stuck_action", approved=False, count=1)


@given("the bank will answer slowly")
def slow_bank(network: Network) -> None:
    network.reader_fault("slow_issuer", count=1)


@given(parsers.parse("the bank will approve only {approved:Money}", extra_types=TYPES))
def partial_approval(network: Network, approved: Money) -> None:
    network.reader_fault("approve_less", amount=approved.minor_units, count=1)


@given("the reader's link has broken")
def link_broken(network: Network) -> None:
    network.breaks_link()


@given("the reader's link is back")
@when("the reader is back")
@when("the reader is free again")
@when("the bank answers")
@when("the bank approves at last")
def reader_recovers(network: Network) -> None:
    network.reader_recovers()


@then("the reader is at rest")
def at_rest(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(invariants.reader_at_rest, cashier.sale)


@given("the customer has found the reader asking for a card")
@when("the customer looks at the reader")
def looks_at_reader(customer: Customer) -> None:
    customer.looks_at_reader()


@then("the reader asks for the card")
def asks_for_card(stage: Stage, cashier: Cashier) -> None:
    stage.judge(reader.asks_for_card(stage.followed(), cashier.sale.id, stage.subject))


@then("the payment was read at Stripe before the cashier was told")
def payment_read(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(conduct.payment_read_before_word, cashier.sale)


@then("the busy reader was asked only now and then")
def not_stormed(stage: Stage) -> None:
    stage.judge(conduct.busy_reader_not_hammered(stage.followed()))
