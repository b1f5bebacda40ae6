"""Forwarding: stored payments go to Stripe in order, each under a key of its own that never changes.

A payment leaves the store only once Stripe has answered for it *and* the listener was told. A crash before the answer
sends it again under the same key; a crash after it tells the listener again, and asks Stripe nothing.
"""

import threading
from collections.abc import Callable
from typing import Any

from cardpresent.sdk import intents
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.objects import PaymentIntent
from cardpresent.sdk.session import Session
from cardpresent.sdk.store import Store, StoredPayment
from cardpresent.sdk.stripe_line import Refused, Unanswered

Told = Callable[[PaymentIntent, TerminalError | None], None]
_WHILE_FORWARDING = {
    ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR: ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR_WHILE_FORWARDING,
    ErrorCode.CONNECTION_TOKEN_PROVIDER_TIMED_OUT: ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR_WHILE_FORWARDING,
}


class Forwarding:
    """The one who forwards. Thread-safe: who comes second waits, and finds less to do."""

    def __init__(
        self, store: Store, session: Session, told: Told, stuck: Callable[[TerminalError], None],
        log: Callable[[str], None],
    ) -> None:
        """`told` hears of every payment that was answered; `stuck` why it does not go on, once for each reason."""
        self._store, self._session, self._told, self._stuck, self._log = store, session, told, stuck, log
        self._lock = threading.Lock()
        self._reported: tuple[ErrorCode, str] | None = None

    def drain(self) -> int:
        """Forwards what there is, as far as the line holds; how many are left."""
        with self._lock, self._store.forwarding() as mine:
            if mine:
                self._drain()
        return len(self._store.payments())

    def _drain(self) -> None:
        waiting = self._store.payments()
        if not waiting:
            return
        for payment in waiting:
            if payment.answer is not None:
                self._tell(payment, payment.answer)
        waiting = [payment for payment in waiting if payment.answer is None]
        if not waiting or not self._session.reach():
            return
        try:
            if not self._session.is_open:
                self._session.activate()
            for payment in waiting:
                self._forward(payment)
            self._reported = None
        except TerminalError as error:
            self._report(_WHILE_FORWARDING.get(error.code, error.code), error.message)
        except (Unanswered, Refused) as broken:
            self._log(f"forwarding stops: {broken}")

    def _forward(self, payment: StoredPayment) -> None:
        """Raises what stops the whole drain: a line that broke, a Stripe that is not well, no session."""
        if payment.account != self._session.account:
            raise TerminalError(
                ErrorCode.ACCOUNT_ID_MISMATCH_WHILE_FORWARDING,
                f"a payment stored for {payment.account} cannot be forwarded to {self._session.account}",
            )
        form = {
            **payment.params, "payment_intent": payment.intent, "amount": payment.amount, "currency": payment.currency,
            "stored_at": payment.stored_at, "read": payment.read, "expand": ["latest_charge"],
        }
        try:
            answer: dict[str, Any] = {"intent": self._session.post("/forward", form, payment.key)}
        except Refused as refused:
            if refused.passes or refused.status == 401:
                raise
            answer = {"intent": refused.error.pop("payment_intent", None), "error": refused.error}
        self._store.acknowledge(payment.key, answer)
        self._tell(payment, answer)

    def _tell(self, payment: StoredPayment, answer: dict[str, Any]) -> None:
        intent = intents.of_stored(payment, answer["intent"])
        error = None
        if "error" in answer:
            given = answer["error"]
            code = ErrorCode.DECLINED_BY_STRIPE_API if given.get("type") == "card_error" else ErrorCode.STRIPE_API_ERROR
            error = TerminalError(code, str(given.get("message")), payment_intent=intent, api_error=given)
        self._told(intent, error)
        self._store.remove(payment.key)

    def _report(self, code: ErrorCode, message: str) -> None:
        if self._reported == (code, message):
            return
        self._reported = (code, message)
        self._stuck(TerminalError(code, message))
