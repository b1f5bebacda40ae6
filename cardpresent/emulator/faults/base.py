"""What a fault is: a name, its parameters, the moments it may step in, and how often it did."""

from typing import TYPE_CHECKING, Any, ClassVar

from cardpresent.emulator.errors import JsonObject, StripeError

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account
    from cardpresent.emulator.paying.card_session import CardSession

# commands that start taking a card, now or with the two-step and refund flows
CARD_COMMANDS = frozenset(
    {"process_payment_intent", "collect_payment_method", "confirm_payment_intent", "process_setup_intent",
     "refund_payment"}
)
INT_MAX = 1_000_000_000  # of seconds, or of a currency's smallest unit: more than anybody means


class FaultRefused(ValueError):
    """The fault cannot be armed like this; the text is for whoever armed it."""


class Fault:
    """One fault on one reader. Open until released or, with a count, until it has fired that often."""

    name: ClassVar[str] = ""
    # parameter -> (type, default); a default of None means it must be given
    parameters: ClassVar[dict[str, tuple[type, Any]]] = {}

    def __init__(self, account: "Account", reader: JsonObject, id: str, count: int | None, given: JsonObject) -> None:
        self.account, self.reader_object, self.id, self.count = account, reader, id, count
        self.reader: str = reader["id"]
        self.fired = 0
        self.open = True
        self.settings = self._checked(given)

    def _checked(self, given: JsonObject) -> JsonObject:
        for name in given:
            if name not in self.parameters:
                known = ", ".join(sorted(self.parameters)) or "none"
                raise FaultRefused(f'fault {self.name} has no parameter "{name}" (it has: {known})')
        settings = {}
        for name, (kind, default) in self.parameters.items():
            value = given.get(name, default)
            if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                raise FaultRefused(f'fault {self.name} needs "{name}" as {kind.__name__}')
            if isinstance(value, int) and not 0 <= value <= INT_MAX:
                raise FaultRefused(f'fault {self.name} needs "{name}" from 0 to {INT_MAX:,}')
            settings[name] = value
        return settings

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard of the reader now."""
        return False

    # ------------------------------------------------------------------------------------------------------- moments

    def armed(self) -> None:
        """Right after arming."""

    def released(self) -> None:
        """Right after release, or after the last of a count."""

    def refuses(self, command: str) -> StripeError | None:
        """Before a command reaches the reader: the answer given in its place."""
        return None

    def loses_answer(self, command: str) -> StripeError | None:
        """After a command took effect: the answer given instead of the reader."""
        return None

    def at_tap(self, session: "CardSession") -> bool:
        """A card was presented and the issuer not asked yet; True when the fault took the session over."""
        return False

    def approved_amount(self, amount: int) -> int:
        """The issuer is about to approve `amount`; what it approves instead."""
        return amount

    @property
    def link_is_down(self) -> bool:
        """Whether no device beside the reader reaches it now."""
        return False

    def at_silent_link(self) -> None:
        """A device beside the reader asks it something, which it hears unless its link is down."""

    @property
    def update(self) -> JsonObject | None:
        """New software that waits for the reader, as a device is told of it."""
        return None

    def at_link(self, moment: str) -> None:
        """A device is using the reader: collecting, read, confirming."""

    def repeats_forward(self) -> bool:
        """A stored payment is being forwarded; whether it arrives once more as if it were another."""
        return False

    # ------------------------------------------------------------------------------------------------------ counting

    def fire(self) -> None:
        self.fired += 1
        if self.count is not None and self.fired >= self.count:
            self.release()

    def release(self) -> None:
        if self.open:
            self.open = False
            self.released()

    def record(self) -> JsonObject:
        return {
            "id": self.id, "fault": self.name, "reader": self.reader, "count": self.count, "fired": self.fired,
            "open": self.open, **self.settings,
        }
