"""Confirming: Stripe is asked with the card that was collected, or the payment is stored with it."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cardpresent.sdk import collecting, intents
from cardpresent.sdk.connection import Connection
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.objects import OfflineBehavior, PaymentIntent
from cardpresent.sdk.reader_line import LinkLost, ReaderRefused
from cardpresent.sdk.session import Session
from cardpresent.sdk.store import STORED_MAX, Store, StoredPayment
from cardpresent.sdk.stripe_line import Refused, Unanswered


@dataclass(slots=True)
class Collected:
    """A card in hand. `asked`: Stripe was asked with it, and what it said is not known."""

    card: dict[str, Any]
    offline: bool
    asked: bool = False

    def key(self, intent: PaymentIntent) -> str:
        """The same for every try to confirm this intent with this card."""
        return f"confirm-{intent.handle}-{self.card['id']}"


class Confirming:
    """The cards collected and not used yet, by intent."""

    def __init__(self, session: Session, connection: Connection, store: Store, now: Callable[[], float]) -> None:
        self._session, self._connection, self._store, self._now = session, connection, store, now
        self._lock = threading.Lock()
        self._collected: dict[str, Collected] = {}

    def keep(self, intent: PaymentIntent, card: dict[str, Any], *, offline: bool) -> PaymentIntent:
        with self._lock:
            self._collected = {intent.handle: Collected(card, offline)}  # a reader holds one card
        return intent

    def forget_cards(self) -> bool:
        """Whether there was one."""
        with self._lock:
            had, self._collected = bool(self._collected), {}
        return had

    def confirm(self, intent: PaymentIntent) -> PaymentIntent:
        collected = self._collected.get(intent.handle)
        if collected is None:
            raise TerminalError(
                ErrorCode.CONFIRM_INVALID_PAYMENT_INTENT, "no card was collected for it", payment_intent=intent
            )
        if collected.offline:
            return self._store_it(intent, collected)
        if not self._session.reach():
            raise self._line_gone(intent, collected)
        return self._ask(intent, collected)

    # ----------------------------------------------------------------------------------------------------------- online

    def _ask(self, intent: PaymentIntent, collected: Collected) -> PaymentIntent:
        collected.asked = True
        try:
            answer = self._session.post(
                f"/payment_intents/{intent.id}/confirm",
                {"read": collected.card["id"], "expand": ["latest_charge"]}, collected.key(intent),
            )
        except Unanswered:
            raise TerminalError(ErrorCode.REQUEST_TIMED_OUT, "Stripe did not answer; the outcome is unknown") from None
        except Refused as refused:
            if refused.passes:
                raise TerminalError(
                    ErrorCode.STRIPE_API_ERROR, f"the outcome is unknown: {refused}", api_error=refused.error
                ) from None
            raise self._refused(intent, collected, refused) from None
        self._done(intent, collected)
        self._connection.was_used_online()
        return intents.of_stripe(answer, intent.offline_behavior)

    def _refused(self, intent: PaymentIntent, collected: Collected, refused: Refused) -> TerminalError:
        self._done(intent, collected)
        error = dict(refused.error)
        told = error.pop("payment_intent", None)
        after = intents.without_card(intent) if told is None else intents.of_stripe(told, intent.offline_behavior)
        declined = error.get("type") == "card_error"
        code = ErrorCode.DECLINED_BY_STRIPE_API if declined else ErrorCode.STRIPE_API_ERROR
        return TerminalError(code, str(refused), payment_intent=after, api_error=error)

    def _line_gone(self, intent: PaymentIntent, collected: Collected) -> TerminalError:
        """Collected while there was a line, which is gone. What was sent already may have been carried out."""
        if collected.asked:
            return TerminalError(ErrorCode.REQUEST_TIMED_OUT, "Stripe does not answer; the outcome is unknown")
        try:
            collecting.check_offline(self._connection, intent.amount, intent.currency, intent.offline_behavior)
        except TerminalError:
            message = "there is no line to Stripe, and this payment cannot be stored"
            return TerminalError(ErrorCode.STRIPE_API_CONNECTION_ERROR, message, payment_intent=intent)
        self._done(intent, collected)
        return TerminalError(
            ErrorCode.OFFLINE_COLLECT_AND_CONFIRM_MISMATCH, "collected online, confirmed offline: collect again",
            payment_intent=intents.without_card(intent),
        )

    # ---------------------------------------------------------------------------------------------------------- offline

    def _store_it(self, intent: PaymentIntent, collected: Collected) -> PaymentIntent:
        behavior = intent.offline_behavior
        if behavior is not OfflineBehavior.FORCE_OFFLINE:
            behavior = OfflineBehavior.PREFER_ONLINE
        collecting.check_offline(self._connection, intent.amount, intent.currency, behavior)
        if len(self._store.payments()) >= STORED_MAX:
            raise TerminalError(
                ErrorCode.OFFLINE_PAYMENTS_DATABASE_TOO_LARGE, "go online first", payment_intent=intent
            )
        account = self._connection.offline_use().account
        self._take_card(intent, collected)
        stored_at = int(self._now())
        params = {
            "capture_method": intent.capture_method, "metadata": dict(intent.metadata),
            "description": intent.description, "payment_method_types": ["card_present"],
        }
        self._store.add(StoredPayment(
            f"forward-{uuid.uuid4().hex}", account, intent.id, intent.amount, intent.amount_tip, intent.currency,
            stored_at, collected.card["id"], params, collected.card,
        ))
        self._forget(intent)
        return intents.stored(intent, stored_at)

    def _take_card(self, intent: PaymentIntent, collected: Collected) -> None:
        """The reader hands its card over for good. Raises where it is gone, or gave the card up."""
        link = self._connection.link()
        try:
            link.finish(collected.card["id"], stored=True)
        except LinkLost:
            self._connection.lost(link)
            self._forget(intent)
            raise TerminalError(
                ErrorCode.BLUETOOTH_DISCONNECTED, "the reader went away", payment_intent=intents.without_card(intent)
            ) from None
        except ReaderRefused as refused:
            self._forget(intent)
            raise TerminalError(
                ErrorCode.CARD_READ_TIMED_OUT, str(refused), payment_intent=intents.without_card(intent)
            ) from None

    # ------------------------------------------------------------------------------------------------------------- both

    def _done(self, intent: PaymentIntent, collected: Collected) -> None:
        """The reader need not hold the card any longer; it may be gone by now, which changes nothing."""
        self._forget(intent)
        try:
            link = self._connection.link()
        except TerminalError:
            return
        try:
            link.finish(collected.card["id"], stored=False)
        except LinkLost:
            self._connection.lost(link)
        except ReaderRefused:
            return

    def _forget(self, intent: PaymentIntent) -> None:
        with self._lock:
            self._collected.pop(intent.handle, None)
