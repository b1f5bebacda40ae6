"""Collecting a card: one reader's conversation with one customer.

A machine of its own. Whoever wants a card (a reader action today; an SDK or an offline store likewise) asks for a
session, is told how it ended through `Client`, and never looks inside. What the card is wanted for stands in a
`Purpose`: to be charged, to be collected first and charged later, to be saved, to be refunded. The states:

    idle         no card is wanted
    waiting      the reader shows its card prompt
    authorizing  a card was presented; the issuer is being asked
    collected    a card was read and is kept for a confirmation that has to come soon
    lost         the reader dropped off the network in the middle; only a cancel clears it
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import GUIDE, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.operations import BY_ITSELF, Cause
from cardpresent.emulator.paying import issuer
from cardpresent.emulator.paying.cards import Card

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "session.lost_needs_cancel", "documented", GUIDE,
    "An action whose reader dropped off the network stays in_progress until it is cancelled.",
)
declare(
    "session.confirm_window", "documented", GUIDE,
    "A collected card has to be confirmed or given up within 30 seconds.",
)
declare(
    "session.confirm_window_over", "assumed", GUIDE,
    "After those 30 seconds the reader forgets the card and the PaymentIntent is back in requires_payment_method.",
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
    ("authorizing", "hold"):            "collected",
    ("authorizing", "lose_contact"):    "lost",
    ("collected",   "confirm"):         "waiting",
    ("collected",   "prompt"):          "waiting",
    ("collected",   "interrupt"):       "idle",
    ("collected",   "cancel"):          "idle",
    ("collected",   "expire"):          "idle",
    ("lost",        "cancel"):          "idle",
})
CONFIRM_WITHIN_S: Final = 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session ended. `failure_code` None is success; `api_error` where Stripe, not the reader, said no.

    `result` is what the client learns beside that (a PaymentMethod, a refund); `collected`: the reader keeps the card.
    """

    failure_code: str | None = None
    failure_message: str | None = None
    api_error: JsonObject | None = None
    result: JsonObject = field(default_factory=dict)
    collected: bool = False


@dataclass(frozen=True, slots=True)
class Tap:
    """One card presented, the tip chosen before it (None: no choice was made), and when that was, in Unix seconds.

    `typed` holds exp_month, exp_year and cvc of a card that was typed in. `chosen` is the network that the customer who
    inserts a co-branded card picks on the reader, domestic or international; None for a card presented as usual.
    """

    card: Card
    tip: int | None
    cause: Cause
    at: int
    typed: JsonObject = field(default_factory=dict)
    chosen: str | None = None


class Client(Protocol):
    """Whoever asked for the card."""

    def session_ended(self, outcome: Outcome, cause: Cause) -> None: ...


class Purpose(Protocol):
    """What a presented card is for. `payment_intent` is the one an issuer will be asked about, None for others."""

    @property
    def payment_intent(self) -> str | None: ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The PaymentMethod types the prompt takes."""
        ...

    def use(self, session: "CardSession", tap: Tap) -> Outcome:
        """Does with the card what it was presented for; the reader itself does not move yet."""
        ...

    def dropped(self, cause: Cause) -> None:
        """The prompt ended without a result: cancelled, replaced, or out of time."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the reader asks the customer for. `only_reads`: the card is kept to be confirmed, no issuer is asked yet."""

    purpose: Purpose
    customer_may_cancel: bool
    client: Client
    only_reads: bool = False


class CardSession:
    """The conversation on one reader."""

    def __init__(self, account: "Account", reader: JsonObject) -> None:
        self.account = account
        self.reader = reader
        self.state = "idle"
        self.prompt: Prompt | None = None
        self.held: Tap | None = None  # the card collected for a confirmation
        self._tap: Tap | None = None
        self._collections = 0

    def can(self, event: str) -> bool:
        return MACHINE.allows(self.state, event)

    def is_asking_issuer_for(self, payment_intent: str) -> bool:
        return (
            self.state == "authorizing" and self.prompt is not None
            and self.prompt.purpose.payment_intent == payment_intent
        )

    @property
    def only_reads(self) -> bool:
        """Whether the card is read now to be charged later: no issuer is asked about it yet."""
        return self.prompt is not None and self.prompt.only_reads

    def holds_card_for(self, payment_intent: str) -> bool:
        """Whether a card was collected for this PaymentIntent and waits to be confirmed."""
        return (
            self.state == "collected" and self.prompt is not None
            and self.prompt.purpose.payment_intent == payment_intent
        )

    def start(self, prompt: Prompt, cause: Cause = BY_ITSELF) -> None:
        """Shows the card prompt, replacing one nobody has presented a card to. Raises IllegalTransition."""
        self._move("prompt")
        self._drop(cause)
        self.prompt = prompt

    def confirm(self, prompt: Prompt) -> None:
        """Goes on with the card that was collected. Raises IllegalTransition where there is none."""
        self._move("confirm")
        self.prompt = prompt

    def stop(self, event: str, cause: Cause = BY_ITSELF) -> None:
        """Ends the prompt for `event` (cancel, customer_cancel, interrupt). Raises IllegalTransition."""
        self._move(event)
        self._drop(cause)

    def present(self, tap: Tap) -> None:
        """A card is held to the reader. Raises IllegalTransition when no card is wanted."""
        self._move("present")
        self._tap = tap
        asks_issuer = self.prompt is not None and self.prompt.purpose.payment_intent is not None
        wait_s = issuer.thinks_for_s(self.account) if asks_issuer else 0
        if wait_s:
            self.account.clock.at(self.account.clock.now() + wait_s, lambda: self._answered(tap))
        else:
            self.proceed()

    def _answered(self, tap: Tap) -> None:
        """The issuer took its time over this card; unless the reader was lost meanwhile, it answers now."""
        if self._tap is tap and self.state == "authorizing":
            self.proceed()

    def proceed(self) -> None:
        """Lets the card be used for what it was presented for and ends the session, unless a fault steps in."""
        for fault in self.account.reader_faults(self.reader["id"]):
            if fault.at_tap(self):
                return
        self.end(self.authorize())

    def authorize(self) -> Outcome:
        """Uses the card, which for a payment asks the issuer; the reader does not move yet."""
        prompt, tap = self._current()
        return prompt.purpose.use(self, tap)

    def ask_again(self) -> None:
        """The issuer wants a PIN: the reader asks for it, and the same card is used once more."""
        self._move("ask_again")
        self._move("present")

    def not_read(self) -> None:
        """The card could not be read: the reader asks for one as before."""
        self._move("ask_again")
        self._tap = None

    def end(self, outcome: Outcome) -> None:
        """The card was used: the client is told, and the reader is idle unless it keeps the card."""
        prompt, tap = self._current()
        self._tap = None
        if outcome.collected:
            self._move("hold")
            self.held = tap
            self._expire_later()
        else:
            self._move("decline" if outcome.failure_code else "approve")
            self.prompt = self.held = None
        prompt.client.session_ended(outcome, tap.cause)

    def lose_contact(self) -> None:
        """The reader is gone; nobody is told."""
        self._move("lose_contact")

    def approved(self, amount: int) -> int:
        """What the issuer approves of `amount`, unless a fault makes it less."""
        for fault in self.account.reader_faults(self.reader["id"]):
            amount = fault.approved_amount(amount)
        return amount

    def _drop(self, cause: Cause) -> None:
        prompt, self.prompt, self.held, self._tap = self.prompt, None, None, None
        if prompt is not None:
            prompt.purpose.dropped(cause)

    def _expire_later(self) -> None:
        self._collections += 1
        this, clock = self._collections, self.account.clock

        def expire() -> None:
            if self._collections == this and self.can("expire"):
                self.stop("expire")

        clock.at(clock.now() + CONFIRM_WITHIN_S, expire)

    def _current(self) -> tuple[Prompt, Tap]:
        if self.prompt is None or self._tap is None:
            raise IllegalTransition(self.reader["id"], self.state, "authorize", MACHINE.allowed(self.state))
        return self.prompt, self._tap

    def _move(self, event: str) -> None:
        self.state = MACHINE.next(self.reader["id"], self.state, event)
        # Whoever changes a PaymentIntent looks here, instead of at every reader of the account.
        if self.state == "authorizing":
            self.account.asking_issuer[self.reader["id"]] = self
        else:
            self.account.asking_issuer.pop(self.reader["id"], None)
