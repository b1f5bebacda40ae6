"""Charging a card in person: in one step, or collected first and confirmed afterwards.

These are purposes of a card session; whoever started the session (a reader action, an SDK) learns the outcome.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import GUIDE, declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.paying import issuer, partial_authorization
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Tap
from cardpresent.emulator.resources import charges, payment_intents, payment_methods

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "session.stale_amount", "assumed", GUIDE,
    "A PaymentIntent edited after it was sent is authorized for the amount the reader still shows.",
)
declare(
    "session.moved_on", "assumed", GUIDE,
    "A card presented for a PaymentIntent that can no longer be paid fails the action with "
    "payment_intent_unexpected_state and charges nothing.",
)
declare(
    "session.collected", "documented", GUIDE,
    "A collected card's PaymentMethod is attached to the PaymentIntent, which then is requires_confirmation.",
)
declare(
    "session.confirmed_amount", "assumed", GUIDE,
    "What is confirmed is the PaymentIntent as it is then: an amount changed since the card was collected counts.",
)
declare(
    "session.collected_tip", "assumed", "https://docs.stripe.com/terminal/features/collecting-tips/on-reader",
    "A tip chosen while the card is collected is in neither amount nor amount_details until the confirmation.",
)
declare(
    "session.allow_redisplay", "documented",
    "https://docs.stripe.com/terminal/features/saving-cards/save-after-payment",
    "allow_redisplay given with a payment is what its generated card reads.",
)

KINDS = ("card_present", "interac_present")


@dataclass(frozen=True, slots=True)
class Tipping:
    """`takes`: whether a tip counts at all; `asked`: whether a tip screen comes first."""

    takes: bool
    asked: bool

    def of(self, tip: int | None) -> int | None:
        """The tip that counts: 0 where the customer was asked and chose none, None where nobody asked."""
        return (tip or 0) if self.takes and (self.asked or tip) else None


class _ForPayment:
    """What a prompt for a PaymentIntent knows: which one, and what the customer was asked."""

    def __init__(
        self, account: "Account", pi: JsonObject, tipping: Tipping, allow_redisplay: str | None = None
    ) -> None:
        self._account, self.tipping, self.allow_redisplay = account, tipping, allow_redisplay
        self._id: str = pi["id"]
        self._amount: int = pi["amount"]

    @property
    def payment_intent(self) -> str | None:
        return self._id

    @property
    def kinds(self) -> tuple[str, ...]:
        return kinds_of(self._account.payment_intents.get(self._id))


class Payment(_ForPayment):
    """The card is charged at once, for the amount the prompt was started with."""

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        pi = self._account.payment_intents.get(self._id)
        if pi is None or pi["status"] != "requires_payment_method":
            return _moved_on(pi)
        charging = Charging(self._account, session, pi, tap, self.allow_redisplay)
        return charging.charge(self._amount, self.tipping.of(tap.tip), None)

    def dropped(self, cause: Cause) -> None:
        """Nothing was touched yet."""


class Collection(_ForPayment):
    """The card is read and attached to the PaymentIntent; no issuer is asked."""

    method: JsonObject | None = None

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        pi = self._account.payment_intents.get(self._id)
        if pi is None or not payment_intents.MACHINE.allows(pi["status"], "collect"):
            return _moved_on(pi)
        self.method = payment_methods.make(self._account, tap.card, tap.card.read_method)
        payment_intents.collect(pi, self.method)
        return Outcome(result={"payment_method": self.method}, collected=True)

    def dropped(self, cause: Cause) -> None:
        pi = self._account.payment_intents.get(self._id)
        if pi is not None and self.method is not None and pi["payment_method"] == self.method["id"]:
            payment_intents.uncollect(pi)


class Confirmation:
    """The collected card is charged, for the PaymentIntent's amount as it is now and the tip chosen before."""

    def __init__(self, account: "Account", collection: Collection, collected: Tap) -> None:
        self._account, self._collection, self.collected = account, collection, collected

    @property
    def payment_intent(self) -> str | None:
        return self._collection.payment_intent

    @property
    def kinds(self) -> tuple[str, ...]:
        return self._collection.kinds

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        pi = self._account.payment_intents.get(self._collection.payment_intent or "")
        if pi is None or pi["status"] != "requires_confirmation":
            return _moved_on(pi)
        tip = self._collection.tipping.of(self.collected.tip if tap.tip is None else tap.tip)
        method = self._collection.method if tap.card is self.collected.card else None
        charging = Charging(self._account, session, pi, tap, self._collection.allow_redisplay)
        return charging.charge(pi["amount"], tip, method)

    def dropped(self, cause: Cause) -> None:
        self._collection.dropped(cause)


class Counter(Protocol):
    """Where the card is: the reader it was held to, and who has the customer enter a PIN there."""

    @property
    def reader(self) -> JsonObject: ...

    def approved(self, amount: int) -> int:
        """What the issuer approves of `amount`."""
        ...

    def ask_again(self) -> None: ...


class Charging:
    """One presentation on its way through the issuer: one charge for each attempt, and the PaymentIntent moves.

    `stored_at`: when a device without a line took the payment, in Unix seconds of its own clock; None for all others.
    """

    def __init__(
        self, account: "Account", counter: Counter, pi: JsonObject, tap: Tap, allow_redisplay: str | None,
        stored_at: int | None = None,
    ) -> None:
        self._account, self._counter, self._pi, self._tap = account, counter, pi, tap
        self._allow_redisplay = allow_redisplay
        self._offline: JsonObject | None = None if stored_at is None else {"stored_at": stored_at, "type": "deferred"}

    def charge(self, amount: int, tip: int | None, method: JsonObject | None) -> Outcome:
        """`amount` without tip; `method` is the PaymentMethod collected before, None where there is none yet."""
        total = amount + (tip or 0)
        outcome = Outcome()
        attempts = issuer.attempts(self._tap.card, total, self._pi, self._account, self._tap.chosen)
        for attempt in attempts if self._offline is None else attempts[-1:]:
            outcome = self._attempt(attempt, total, tip, method)
            if attempt.asks_again:
                self._counter.ask_again()
        return outcome

    def _attempt(
        self, attempt: issuer.Attempt, amount: int, tip: int | None, collected: JsonObject | None
    ) -> Outcome:
        account, pi, tap = self._account, self._pi, self._tap
        approved = self._counter.approved(attempt.approved(amount)) if attempt.decline is None else amount
        method = collected or payment_methods.make(account, tap.card, attempt.read_method)
        charge = charges.make(account, pi, tap.card, attempt, approved, self._counter.reader, method["id"])
        if self._offline is not None and not tap.card.is_interac:
            method["card_present"]["offline"] = charges.details_of(charge)["offline"] = self._offline
        if attempt.decline is None:
            if approved < amount:
                partial_authorization.mark(pi, charge, amount)
            payment_methods.save_generated(account, pi, charge, self._allow_redisplay, tap.cause)
            payment_intents.authorize(account, pi, charge, tip, attempt.capture, tap.cause)
            return Outcome()
        error = payment_intents.card_error(pi, charge, attempt.decline, method)
        payment_intents.decline(account, pi, charge, error, tap.cause)
        return Outcome(attempt.decline.code, attempt.decline.message, error)


def kinds_of(pi: JsonObject | None) -> tuple[str, ...]:
    """The in-person types a PaymentIntent takes."""
    return () if pi is None else tuple(kind for kind in KINDS if kind in pi["payment_method_types"])


def _moved_on(pi: JsonObject | None) -> Outcome:
    status = "missing" if pi is None else pi["status"]
    message = f"This PaymentIntent could not be paid because it has a status of {status}."
    error = invalid(message, code="payment_intent_unexpected_state").error()
    return Outcome("payment_intent_unexpected_state", message, error)
