"""Collecting a card: one reader's conversation with one customer.

A machine of its own. Whoever wants a card (a reader action today; an SDK or an offline store likewise) asks for a
session, is told how it ended through `Client`, and never looks inside. The states:

    idle         no card is wanted
    waiting      the reader shows its card prompt
    authorizing  a card was presented; the issuer is being asked
    lost         the reader dropped off the network in the middle; only a cancel clears it

The amount authorized is the one shown: what the PaymentIntent's amount was when the prompt was started.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cardpresent.emulator import issuer, partial_authorization
from cardpresent.emulator.cards import Card
from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import GUIDE, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.operations import Cause
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
    "session.lost_needs_cancel", "documented", GUIDE,
    "An action whose reader dropped off the network stays in_progress until it is cancelled.",
)

MACHINE: Final = Machine("card_session", {
    ("idle",        "prompt"):          "waiting",
    ("idle",        "interrupt"):       "idle",
    ("waiting",     "prompt"):          "waiting",
    ("waiting",     "interrupt"):       "idle",
    ("waiting",     "cancel"):          "idle",
    ("waiting",     "customer_cancel"): "idle",
    ("waiting",     "present"):         "authorizing",
    ("authorizing", "ask_again"):       "waiting",
    ("authorizing", "approve"):         "idle",
    ("authorizing", "decline"):         "idle",
    ("authorizing", "lose_contact"):    "lost",
    ("lost",        "cancel"):          "idle",
})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended. `failure_code` None is success; `api_error` where Stripe, not the reader, said no."""

    failure_code: str | None = None
    failure_message: str | None = None
    api_error: JsonObject | None = None


class Client(Protocol):
    """Whoever asked for the card."""

    def session_ended(self, outcome: Outcome, cause: Cause) -> None: ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the reader asks the customer for. `tip_asked`: whether a tip screen comes first."""

    payment_intent: str
    amount: int
    takes_tip: bool
    tip_asked: bool
    customer_may_cancel: bool
    client: Client


@dataclass(frozen=True, slots=True)
class Tap:
    """One card presented, and the tip chosen before it (None: no choice was made)."""

    card: Card
    tip: int | None
    cause: Cause


class CardSession:
    """The conversation on one reader."""

    def __init__(self, account: "Account", reader: JsonObject) -> None:
        self._account = account
        self._reader = reader
        self.state = "idle"
        self.prompt: Prompt | None = None
        self._tap: Tap | None = None

    def can(self, event: str) -> bool:
        return MACHINE.allows(self.state, event)

    def is_asking_issuer_for(self, payment_intent: str) -> bool:
        return self.state == "authorizing" and self.prompt is not None and self.prompt.payment_intent == payment_intent

    def start(self, prompt: Prompt) -> None:
        """Shows the card prompt, replacing one nobody has presented a card to. Raises IllegalTransition."""
        self._move("prompt")
        self.prompt = prompt

    def stop(self, event: str) -> None:
        """Ends the prompt for `event` (cancel, customer_cancel, interrupt). Raises IllegalTransition."""
        self._move(event)
        self.prompt = None

    def present(self, tap: Tap) -> None:
        """A card is held to the reader. Raises IllegalTransition when no card is wanted."""
        self._move("present")
        self._tap = tap
        self.proceed()

    def proceed(self) -> None:
        """Lets the issuer answer the card that was presented and ends the session, unless a fault steps in."""
        for fault in self._account.reader_faults(self._reader["id"]):
            if fault.at_tap(self):
                return
        self.end(self.authorize())

    def end(self, outcome: Outcome) -> None:
        """Back to idle; the client is told."""
        prompt, tap = self._current()
        self._move("decline" if outcome.failure_code else "approve")
        self.prompt = self._tap = None
        prompt.client.session_ended(outcome, tap.cause)

    def lose_contact(self) -> None:
        """The reader is gone; nobody is told."""
        self._move("lose_contact")

    def authorize(self) -> Outcome:
        """Asks the issuer, with one charge for each attempt; the PaymentIntent moves, the reader does not yet."""
        prompt, tap = self._current()
        pi = self._account.payment_intents.get(prompt.payment_intent)
        if pi is None or not payment_intents.MACHINE.allows(pi["status"], "authorize"):
            return _moved_on(pi)
        tip = (tap.tip or 0) if prompt.takes_tip and (prompt.tip_asked or tap.tip) else None
        amount = prompt.amount + (tip or 0)
        outcome = Outcome()
        for attempt in issuer.attempts(tap.card, amount, pi, self._account):
            outcome = self._attempt(pi, attempt, amount, tip, tap)
            if attempt.asks_again:
                self._move("ask_again")
                self._move("present")
        return outcome

    def _attempt(
        self, pi: JsonObject, attempt: issuer.Attempt, amount: int, tip: int | None, tap: Tap
    ) -> Outcome:
        account = self._account
        approved = self._approved(amount) if attempt.decline is None else amount
        method = payment_methods.make(account, tap.card, attempt.read_method)
        charge = charges.make(account, pi, tap.card, attempt, approved, self._reader, method["id"])
        if attempt.decline is None:
            if approved < amount:
                partial_authorization.mark(pi, charge, amount)
            payment_intents.authorize(account, pi, charge, tip, attempt.capture, tap.cause)
            return Outcome()
        error = payment_intents.card_error(pi, charge, attempt.decline, method)
        payment_intents.decline(account, pi, charge, error, tap.cause)
        return Outcome(attempt.decline.code, attempt.decline.message, error)

    def _approved(self, amount: int) -> int:
        for fault in self._account.reader_faults(self._reader["id"]):
            amount = fault.approved_amount(amount)
        return amount

    def _current(self) -> tuple[Prompt, Tap]:
        if self.prompt is None or self._tap is None:
            raise IllegalTransition(self._reader["id"], self.state, "authorize", MACHINE.allowed(self.state))
        return self.prompt, self._tap

    def _move(self, event: str) -> None:
        self.state = MACHINE.next(self._reader["id"], self.state, event)


def _moved_on(pi: JsonObject | None) -> Outcome:
    status = "missing" if pi is None else pi["status"]
    message = f"This PaymentIntent could not be paid because it has a status of {status}."
    error = invalid(message, code="payment_intent_unexpected_state").error()
    return Outcome("payment_intent_unexpected_state", message, error)
