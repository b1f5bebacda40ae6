"""What a reader read from a card for the device beside it: an opaque id for the device, a card for the bank.

Real readers hand over ciphertext; the device can keep it, and cannot look inside. The states:

    held      read, and kept by the reader until the device says what it is for
    stored    the device keeps it, to be forwarded whenever the line is back
    spent     a bank was asked
    dropped   given up, out of time, or lost with the link
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.machine import Machine
from cardpresent.emulator.operations import BY_ITSELF, Cause
from cardpresent.emulator.paying.card_payments import Tipping
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Tap
from cardpresent.emulator.paying.cards import Card
from cardpresent.emulator.resources import payment_methods

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "sdk.read", "assumed", "https://docs.stripe.com/terminal/payments/collect-card-payment",
    "A card read for an SDK is held by its reader for 30 seconds, as one collected by a server is, and used once.",
)
declare(
    "sdk.expired_card", "assumed", "https://docs.stripe.com/terminal/references/testing",
    "The test card that is declined as expired carries a date that is over; every other is valid until 12/2034.",
)

MACHINE: Final = Machine("card_read", {
    ("held",   "store"): "stored",
    ("held",   "spend"): "spent",
    ("held",   "drop"):  "dropped",
    ("stored", "spend"): "spent",
})
_LONG_OVER: Final = (12, 2020)


@dataclass(slots=True)
class Read:
    """One card read. `tip` None: nobody was asked. `reader`: id and location at that moment."""

    id: str
    card: Card
    tip: int | None
    at: int
    reader: JsonObject
    state: str = "held"
    payment_intent: str | None = None

    def move(self, event: str) -> None:
        self.state = MACHINE.next(self.id, self.state, event)

    @property
    def tap(self) -> Tap:
        return Tap(self.card, self.tip, BY_ITSELF, self.at)


class DeviceRead:
    """The purpose of a prompt that a device shows: the card is read for the device, and no bank is asked."""

    payment_intent = None

    def __init__(
        self, account: "Account", reader: JsonObject, kinds: tuple[str, ...], tipping: Tipping, payment: JsonObject
    ) -> None:
        """`payment`: {"amount", "currency"} as the customer sees them."""
        self._account, self._reader, self.kinds, self.tipping, self.payment = account, reader, kinds, tipping, payment
        self.read: Read | None = None

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        account = self._account
        at = {"id": self._reader["id"], "location": self._reader["location"]}
        self.read = Read(account.ids.new("emv"), tap.card, self.tipping.of(tap.tip), tap.at, at)
        account.reads[self.read.id] = self.read
        return Outcome(result={"read": self.read.id}, collected=True)

    def dropped(self, cause: Cause) -> None:
        if self.read is not None and self.read.state == "held":
            self.read.move("drop")


def find(account: "Account", id: str) -> Read:
    found = account.reads.get(id)
    if found is None:
        raise refused(id, "unknown")
    return found


def refused(id: str, state: str) -> StripeError:
    return invalid(f"The card data {id} cannot be used: {state}. Collect the card again.", param="read", kept=True)


def shown(read: Read) -> JsonObject:
    """What the device is told of a card: what may stand on a receipt, and what offline rules need."""
    is_over = read.card.decline is not None and read.card.decline.code == "expired_card"
    month, year = _LONG_OVER if is_over else payment_methods.EXPIRY
    return {
        "id": read.id, "brand": read.card.brand, "last4": read.card.last4, "exp_month": month, "exp_year": year,
        "read_method": read.card.read_method, "tip": read.tip, "interac": read.card.is_interac,
        "online_pin": read.card.cvm == "online_pin",
    }
