"""Sales on an app's own device: a person takes them, and Stripe's books say what came of it."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.device import Device
from cardpresent.actors.stage import Stage
from cardpresent.checks import invariants
from cardpresent.model.money import Money
from steps.amounts import TYPES

# What somebody does at the device beside selling, and what the journal calls it where a machine does it.
STIMULI: Final[dict[str, str]] = {
    "presses Pay twice in quick succession": "double_submit",
    "cancels it while the reader waits for a card": "cancelled_on_device",
    "switches its network off right after the tap, and on again a minute later": "till_cut_off",
    "kills the app right after the tap, opens it again and looks for the sale": "kill",
    "switches the reader off before the card, then on, and finishes the sale as the app offers": "reader_link_lost",
    "does so with its network off, then switches it on and waits until nothing is stored": "offline",
}


@given(parsers.parse("somebody at the device takes a sale of {amount:Money} with {card}", extra_types=TYPES))
def takes_sale(device: Device, amount: Money, card: str) -> None:
    device.is_to_sell(amount, f"with {card}")


@given(parsers.parse("somebody at the device takes a sale of {amount:Money} and {twist}", extra_types=TYPES))
def takes_sale_with_twist(device: Device, amount: Money, twist: str) -> None:
    device.is_to_sell(amount, f"and {twist}", STIMULI[twist])


@given("they have said what the device shows")
@when("they say what the device shows")
def shows(device: Device) -> None:
    device.shows()


@when(parsers.parse("somebody at the device gives {amount:Money} back", extra_types=TYPES))
def gives_back(device: Device, amount: Money) -> None:
    device.gives_back(amount)


@then("the device has shown what Stripe holds")
def shown_as_held(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(invariants.captured_as_told, cashier.sale)


@then(parsers.parse("what they saw counts for {days:d} days"))
def counts(device: Device, days: int) -> None:
    device.is_recorded(days)
