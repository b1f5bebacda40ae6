"""Works a till that is a backend for an app: the suite plays the app, on its stand-in of Stripe's Terminal SDK.

The till makes the payment and hands out its client secret and connection tokens; the app collects the card at the
reader beside it and confirms; the till captures. This is the one file of the suite that imports the stand-in: it is the
app's half of a till here, and no more part of what is judged than the cashier's fingers are.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cardpresent.drivers.pos.outcome import MEANINGS
from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb
from cardpresent.model.outcome import Outcome
from cardpresent.sdk import PaymentIntent, Reader, Terminal, TerminalError
from cardpresent.sdk.errors import ErrorCode

SECRET: Final = "client_secret"
# A reader that was made a moment ago is found at once; one that is out of range is not waited for long.
FOUND_WITHIN_S: Final = 2.0
ENDED_WITHIN_S: Final = 3.0
STEP_S: Final = 0.05
# Where Stripe says a payment stands, in the words of an outcome table.
STANDS: Final = {"succeeded": "accepted", "canceled": "refused", "requires_capture": "held"}
# What leaves nobody knowing what became of a confirmation.
UNCLEAR: Final = frozenset({ErrorCode.REQUEST_TIMED_OUT, ErrorCode.STRIPE_API_CONNECTION_ERROR})
OWN: Final[frozenset[Verb]] = frozenset(["start_sale", "sale_state", "retry_sale", "cancel_sale"])


@dataclass(slots=True)
class _Payment:
    """One sale's payment in the app: the word for where it stands, what the cashier reads, and who works on it."""

    secret: str
    word: str = "collecting"
    words: str = ""
    intent: PaymentIntent | None = None
    hand: threading.Thread | None = None
    given_up: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    saved: Mapping[str, str] = field(default_factory=dict)


class SdkApp:
    """A PosDriver around the till's own: whatever the app does not do itself is asked of the till.

    `api_base`: where the till's Stripe is reached, and the readers in range. `folder`: what the app keeps on its
    device. Close it at the end.
    """

    def __init__(self, till: PosDriver, api_base: str, folder: Path) -> None:
        self._till = till
        self._payments: dict[str, _Payment] = {}
        # Pay pressed twice at once comes in two threads, and an app has one reader: who is first begins.
        self._beginning = threading.Lock()
        self._terminal = Terminal(self._token, api_base=api_base, reader_base=api_base, storage=folder)

    def close(self) -> None:
        self._terminal.close()

    def offers(self, verb: Verb) -> bool:
        return verb in OWN or self._till.offers(verb)

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """See PosDriver. Collecting goes on while nobody asks; `sale_state` tells how far it is."""
        sale = str(values.get("sale", ""))
        if verb == "start_sale":
            return self._starts(sale, values, self._till.perform(verb, values, as_role=as_role, insist=insist))
        if verb == "retry_sale" and sale in self._payments and not self._till.offers(verb):
            with self._beginning:
                return self._collects(sale, values)
        if verb == "sale_state" and sale in self._payments:
            return self._state(sale, values, as_role)
        if verb == "cancel_sale" and sale in self._payments:
            return self._cancels(sale, values, as_role)
        if self._till.offers(verb):
            return self._till.perform(verb, values, as_role=as_role, insist=insist)
        return _never_asked()

    # What the app does

    def _starts(self, sale: str, values: Mapping[str, object], made: PosReply) -> PosReply:
        """The till has made a payment, or not; the app shows its reader a payment that it can work with."""
        secret = made.saved.get(SECRET)
        if made.outcome is Outcome.REFUSED or secret is None:
            missing = made.missing if made.outcome is Outcome.REFUSED else (*made.missing, SECRET)
            return replace(made, missing=tuple(dict.fromkeys(missing)))
        # The secret is the app's own: it is kept here, and told to nobody.
        saved = {name: value for name, value in made.saved.items() if name != SECRET}
        with self._beginning:
            running = self._payments.get(sale)
            if running is not None and running.hand is not None and running.hand.is_alive():
                # An app that is at it already does not begin again: it shows the sale that it is collecting.
                return _reply(running)
            self._payments[sale] = _Payment(secret, status=made.status, saved=saved)
            return self._collects(sale, values)

    def _collects(self, sale: str, values: Mapping[str, object]) -> PosReply:
        """Whoever calls holds `_beginning`."""
        payment = self._payments[sale]
        if payment.hand is not None and payment.hand.is_alive():
            return _reply(payment)
        payment.word, payment.words = "collecting", ""
        payment.given_up.clear()
        reader = str(values.get("reader", ""))
        payment.hand = threading.Thread(target=self._take, args=(payment, reader), name=f"app: {sale}", daemon=True)
        payment.hand.start()
        return _reply(payment)

    def _take(self, payment: _Payment, reader: str) -> None:
        """Connect, collect, confirm; what comes of it stands in the payment."""
        try:
            self._connect(reader)
            payment.intent = self._terminal.retrieve_payment_intent(payment.secret)
            if payment.given_up.is_set():
                raise TerminalError(ErrorCode.CANCELED, "cancelled before a card was asked for")
            # A backend that hands out the payment of a sale that is over is right: no card is asked for again.
            if payment.intent.status not in STANDS:
                collected = self._terminal.collect_payment_method(payment.intent)
                payment.intent = self._terminal.confirm_payment_intent(collected)
            payment.word, payment.words = STANDS.get(payment.intent.status, "unknown"), payment.intent.status
        except TerminalError as error:
            self._looks(payment, otherwise="unknown" if error.code in UNCLEAR else "refused")
            payment.words = f"{error.code.value}: {error.message}"

    def _looks(self, payment: _Payment, otherwise: str) -> None:
        """Where the payment stands at Stripe; `otherwise` while it says that nothing has been decided."""
        try:
            payment.intent = self._terminal.retrieve_payment_intent(payment.secret)
            payment.word = STANDS.get(payment.intent.status, otherwise)
        except TerminalError:
            payment.word = otherwise

    def _connect(self, wanted: str) -> None:
        connected = self._terminal.connected_reader
        if connected is not None and connected.id == wanted:
            return
        if connected is not None:
            self._terminal.disconnect_reader()
        found: list[Reader] = self._terminal.discover_readers(timeout_s=FOUND_WITHIN_S)
        reader = next((one for one in found if one.id == wanted), None)
        if reader is None:
            raise TerminalError(ErrorCode.NOT_CONNECTED_TO_READER, f"no reader {wanted} is in range")
        self._terminal.connect_reader(reader)

    def _state(self, sale: str, values: Mapping[str, object], as_role: str) -> PosReply:
        """While it collects, the app's own word. Then the till's, where it has one; else what the SDK reads."""
        payment = self._payments[sale]
        if payment.hand is not None and payment.hand.is_alive():
            return _reply(payment)
        if self._till.offers("sale_state") and payment.word != "refused":
            return self._till.perform("sale_state", values, as_role=as_role)
        if payment.word in {"held", "unknown"}:
            self._looks(payment, otherwise=payment.word)
        return _reply(payment)

    def _cancels(self, sale: str, values: Mapping[str, object], as_role: str) -> PosReply:
        """Take the question off the reader, then have the till, or else the SDK, cancel the payment."""
        payment = self._payments[sale]
        self._gives_up(payment)
        if self._till.offers("cancel_sale"):
            return self._till.perform("cancel_sale", values, as_role=as_role)
        try:
            if payment.intent is None or payment.word in {"held", "accepted"}:
                return _reply(payment, word="refused")
            payment.intent = self._terminal.cancel_payment_intent(payment.intent)
        except TerminalError as error:
            return _reply(payment, word="refused", words=f"{error.code.value}: {error.message}")
        payment.word, payment.words = "refused", "canceled"
        return _reply(payment, word="accepted")

    def _gives_up(self, payment: _Payment) -> None:
        """Wherever the collecting has come to: before the question, at it, or past it with the card in hand."""
        payment.given_up.set()
        for _ in range(int(ENDED_WITHIN_S / STEP_S)):
            if payment.hand is None or not payment.hand.is_alive():
                return
            with suppress(TerminalError):
                self._terminal.cancel_collect()
            payment.hand.join(STEP_S)

    def _token(self) -> str:
        """A fresh connection token from the till; an SDK takes none that is missing."""
        return self._till.perform("connection_token", {}).saved.get("secret") or ""


def _reply(payment: _Payment, *, word: str | None = None, words: str | None = None) -> PosReply:
    outcome, standing = MEANINGS[word or payment.word]
    # The app is there as long as the suite is: what it says counts as an answer.
    return PosReply(
        outcome=outcome, standing=standing, words=payment.words if words is None else words,
        saved=MappingProxyType(dict(payment.saved)), status=payment.status or 200, record=None, body="",
    )  # fmt: skip


def _never_asked() -> PosReply:
    """Nothing of this sale was ever made, so there is nothing to ask about."""
    outcome, standing = MEANINGS["unknown"]
    return PosReply(outcome, standing, "", MappingProxyType({}), None, None, "", ("payment",), asked=False)
