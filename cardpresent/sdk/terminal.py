"""The Terminal: one device at one counter, one reader beside it, and a store of what could not be asked yet."""

import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from cardpresent.sdk import collecting, intents
from cardpresent.sdk.background import Background
from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.confirming import Confirming
from cardpresent.sdk.connection import Connection
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.forwarding import Forwarding
from cardpresent.sdk.listeners import MobileReaderListener, OfflineListener, ReaderListener
from cardpresent.sdk.objects import (
    ConnectionStatus,
    OfflineBehavior,
    OfflineStatus,
    PaymentIntent,
    PaymentIntentParameters,
    PaymentStatus,
    Reader,
)
from cardpresent.sdk.reader_line import LinkLost, ReaderLine, ReaderRefused
from cardpresent.sdk.session import Session
from cardpresent.sdk.store import Store
from cardpresent.sdk.stripe_line import Refused, StripeLine, Unanswered
from cardpresent.sdk.updates import Updates

_SCAN_EVERY_S = 0.1
_TRIES_TO_CREATE = 3


class Terminal:
    """A stand-in of Stripe's Terminal SDK (Android and iOS in shape, synchronous). Safe to use from several threads;
    operations that overlap fail with READER_BUSY, except the cancelling ones.

    Every method that asks raises TerminalError.
    """

    def __init__(
        self,
        token_provider: Callable[[], str],
        *,
        api_base: str,
        reader_base: str,
        storage: Path,
        clock: Callable[[], float] = time.time,
        offline_listener: OfflineListener | None = None,
        reader_listener: ReaderListener | None = None,
        mobile_listener: MobileReaderListener | None = None,
        auto_reconnect: bool = True,
        reconnect_s: float = 60.0,
        request_timeout_s: float = 15.0,
        forward_every_s: float = 0.5,
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        """`token_provider` returns the secret of a fresh connection token each time it is called, and may raise.

        `api_base`: Stripe's URL. `reader_base`: where the readers in range are reached, another link altogether.
        `storage`: a folder of the app's own; deleting it deletes what was not forwarded. `clock`: the device's, in Unix
        seconds; it dates stored payments and the 30-day rules, waits run by the wall.
        `reconnect_s`: for how long a broken link is tried again. `forward_every_s`: the pause between two tries to
        forward what is stored.
        """
        self._clock, self._offline_listener, self._mobile_listener = clock, offline_listener, mobile_listener
        self._updates = Updates(mobile_listener, log)
        self._busy, self._scanning = threading.Lock(), threading.Lock()
        self._store = Store(storage)
        self._line = StripeLine(api_base, request_timeout_s)
        self._readers = ReaderLine(reader_base, f"{socket.gethostname()}:{storage.resolve()}")
        self._session = Session(self._line, token_provider, self._status_changed)
        self._background = Background(
            watching=self._may_watch, watch=self._watch,
            pending=lambda: bool(self._store.payments()), forward=self.forward_now, forward_every_s=forward_every_s,
            log=log,
        )
        self._connection = Connection(
            self._readers, self._session, self._store, clock, self._background.tell, reader_listener, self._updates,
            auto_reconnect=auto_reconnect, reconnect_s=reconnect_s,
        )
        self._forwarding = Forwarding(self._store, self._session, self._forwarded, self._stuck, log)
        self._confirming = Confirming(self._session, self._connection, self._store, clock)
        self._cancel: Cancelable | None = None
        self._payment_status = PaymentStatus.READY
        self._background.start()

    # --------------------------------------------------------------------------------------------------- the connection

    def discover_readers(
        self, location: str | None = None, *, cancelable: Cancelable | None = None, timeout_s: float = 10.0
    ) -> list[Reader]:
        """The readers in range, of one Location if given; waits until there is one, or `timeout_s` passed ([] then).

        Works offline. Raises CANCELED when cancelled, READER_BUSY while another discovery runs.
        """
        handle = cancelable or Cancelable()
        with _held(self._scanning, "another discovery is running: cancel it first"):
            until = time.monotonic() + timeout_s
            while not handle.is_canceled:
                found = self._readers.nearby(location)
                if found or time.monotonic() >= until:
                    return found
                handle.wait(_SCAN_EVERY_S)
        raise TerminalError(ErrorCode.CANCELED, "the discovery was cancelled")

    def connect_reader(self, reader: Reader, location: str | None = None) -> Reader:
        """Pairs with the reader and, online, activates it at `location` (its own, by default) with a fresh token.

        Offline it connects only where a reader of its type was used online at that Location within the last 30 days:
        NO_LAST_SEEN_ACCOUNT, READER_CONNECTION_NOT_AVAILABLE_OFFLINE, LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE,
        READER_CONNECTION_OFFLINE_NEEDS_UPDATE. Online: CONNECTION_TOKEN_PROVIDER_ERROR, STRIPE_API_ERROR.
        """
        with self._exclusive():
            connected = self._connection.connect(reader, location)
        self._background.wake()
        return connected

    def install_available_update(self) -> None:
        """Installs the optional update that waits for the connected reader; the reader is busy until it is through.

        Raises CANCELED, READER_BATTERY_CRITICALLY_LOW, BLUETOOTH_DISCONNECTED, READER_BUSY. Without one it does
        nothing.
        """
        with self._exclusive():
            link = self._connection.link()
            if link.reader.available_update is not None:
                self._updates.install(link, link.reader.available_update)

    def disconnect_reader(self) -> None:
        """Gives the reader up; what it is collecting is cancelled. Does nothing without one."""
        if self._cancel is not None:
            self._cancel.cancel()
        self._confirming.forget_cards()
        self._connection.disconnect()

    @property
    def connected_reader(self) -> Reader | None:
        return self._connection.reader

    @property
    def connection_status(self) -> ConnectionStatus:
        return self._connection.status

    @property
    def payment_status(self) -> PaymentStatus:
        return self._payment_status if self._connection.reader else PaymentStatus.NOT_READY

    # --------------------------------------------------------------------------------------------------------- payments

    def create_payment_intent(
        self,
        params: PaymentIntentParameters,
        *,
        offline_behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE,
    ) -> PaymentIntent:
        """A payment to collect for. Its `id` is None where it was made offline.

        Raises NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET, FORCE_OFFLINE_WITH_FEATURE_DISABLED,
        AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT, STRIPE_API_ERROR (with `api_error`).
        """
        if offline_behavior is not OfflineBehavior.FORCE_OFFLINE and self._session.reach():
            made = self._created(params, offline_behavior)
            if made is not None:
                return made
        collecting.check_offline(self._connection, params.amount, params.currency.lower(), offline_behavior)
        return intents.made_offline(params, offline_behavior, int(self._clock()))

    def retrieve_payment_intent(
        self, client_secret: str, *, offline_behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE
    ) -> PaymentIntent:
        """A payment that the backend made. Needs the line: STRIPE_API_CONNECTION_ERROR, INVALID_CLIENT_SECRET."""
        id, found, _ = client_secret.partition("_secret_")
        if not found:
            raise TerminalError(ErrorCode.INVALID_CLIENT_SECRET, "a client secret reads pi_…_secret_…")
        try:
            answer = self._session.get(
                f"/payment_intents/{id}", {"client_secret": client_secret, "expand[0]": "latest_charge"}
            )
        except Unanswered:
            raise TerminalError(ErrorCode.STRIPE_API_CONNECTION_ERROR, "Stripe did not answer") from None
        except Refused as refused:
            wrong = refused.status in (400, 404)
            code = ErrorCode.INVALID_CLIENT_SECRET if wrong else ErrorCode.STRIPE_API_ERROR
            raise TerminalError(code, str(refused), api_error=refused.error) from None
        return intents.of_stripe(answer, offline_behavior)

    def collect_payment_method(
        self, intent: PaymentIntent, *, skip_tipping: bool = False, customer_cancellation: bool = False
    ) -> PaymentIntent:
        """Asks for a card, and waits for one. The intent comes back `requires_confirmation`: confirm it, or give it up
        with `cancel_collect`, within 30 seconds.

        Raises CANCELED (by the till or by the customer), BLUETOOTH_DISCONNECTED, READER_BUSY,
        NOT_CONNECTED_TO_READER; offline also OFFLINE_AND_CARD_EXPIRED, INTERAC_NOT_SUPPORTED_OFFLINE and
        ONLINE_PIN_NOT_SUPPORTED_OFFLINE.
        """
        with self._exclusive(), self._cancelable() as handle:
            offline = collecting.is_offline(intent, self._session, self._connection)
            link = self._connection.link()
            try:
                card = collecting.read_card(
                    link, intent, handle, self._mobile_listener, tipping=not (offline or skip_tipping),
                    customer_cancellation=customer_cancellation,
                )
            except LinkLost:
                self._connection.lost(link)
                gone = intents.without_card(intent)
                raise TerminalError(
                    ErrorCode.BLUETOOTH_DISCONNECTED, "the reader went away", payment_intent=gone
                ) from None
            if offline:
                collecting.check_card(link, intent, card, self._clock())
            return self._confirming.keep(intents.with_card(intent, card), card, offline=offline)

    def cancel_collect(self) -> None:
        """Ends the running collect, whose caller gets CANCELED, or lets a collected card go. Does nothing when there is
        none; raises CANCEL_FAILED while the card is being read."""
        running = self._cancel
        if running is not None:
            running.cancel()
            return
        if self._confirming.forget_cards():
            try:
                self._connection.link().cancel()
            except (LinkLost, TerminalError):
                return
            except ReaderRefused as refused:
                raise TerminalError(ErrorCode.CANCEL_FAILED, str(refused)) from None

    def confirm_payment_intent(self, intent: PaymentIntent) -> PaymentIntent:
        """Online: asks Stripe. Offline: stores the payment, and `offline_details` says so.

        Declined: DECLINED_BY_STRIPE_API with the intent, which takes another card. The answer lost: REQUEST_TIMED_OUT
        without an intent; confirm the same intent again. Never sent: STRIPE_API_CONNECTION_ERROR with the intent, still
        `requires_confirmation`. Collected online and the line gone since: OFFLINE_COLLECT_AND_CONFIRM_MISMATCH with the
        intent, `requires_payment_method`; collect again.
        """
        with self._exclusive():
            self._payment_status = PaymentStatus.PROCESSING
            try:
                confirmed = self._confirming.confirm(intent)
            finally:
                self._payment_status = PaymentStatus.READY
        if confirmed.offline_details is not None and confirmed.offline_details.requires_upload:
            self._status_changed()
            self._background.wake()
        return confirmed

    def cancel_payment_intent(self, intent: PaymentIntent) -> PaymentIntent:
        """Cancels one that is not confirmed: at Stripe, or by forgetting it where it has no id. Raises
        CONFIRM_INVALID_PAYMENT_INTENT for one that is stored: it cannot be undone here."""
        if intent.offline_details is not None and intent.offline_details.requires_upload:
            raise TerminalError(
                ErrorCode.CONFIRM_INVALID_PAYMENT_INTENT, "a stored payment cannot be cancelled", payment_intent=intent
            )
        if intent.id is None:
            return replace(intent, status="canceled")
        try:
            answer = self._session.post(f"/payment_intents/{intent.id}/cancel", {}, f"cancel-{intent.handle}")
        except Unanswered:
            raise TerminalError(ErrorCode.REQUEST_TIMED_OUT, "Stripe did not answer") from None
        except Refused as refused:
            raise TerminalError(ErrorCode.STRIPE_API_ERROR, str(refused), api_error=refused.error) from None
        return intents.of_stripe(answer, intent.offline_behavior)

    # ---------------------------------------------------------------------------------------------------------- offline

    @property
    def offline_status(self) -> OfflineStatus:
        """What is stored here, and the line as last seen."""
        amounts: Counter[str] = Counter()
        waiting = [payment for payment in self._store.payments() if payment.answer is None]
        for payment in waiting:
            amounts[payment.currency] += payment.amount + (payment.tip or 0)
        return OfflineStatus(self._session.status, len(waiting), dict(amounts))

    def forward_now(self) -> int:
        """Forwards what is stored, oldest first, and returns how many are left; for tests and impatient cashiers, as
        the SDK does it by itself as soon as the line is back. Never raises for a line that is down."""
        return self._forwarding.drain()

    # -------------------------------------------------------------------------------------------------------------- end

    def close(self) -> None:
        """The process ends: threads stop, the reader is let go, the store stays."""
        self.disconnect_reader()
        self._background.stop()
        self._line.close()
        self._readers.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    # ---------------------------------------------------------------------------------------------------- on the inside

    def _created(self, params: PaymentIntentParameters, behavior: OfflineBehavior) -> PaymentIntent | None:
        """The intent as Stripe made it, once however often it was asked; None where no answer came."""
        form = {
            "amount": params.amount, "currency": params.currency, "capture_method": params.capture_method,
            "metadata": params.metadata, "payment_method_types": params.payment_method_types,
            "description": params.description,
        }
        key = uuid.uuid4().hex
        for _ in range(_TRIES_TO_CREATE):
            try:
                return intents.of_stripe(self._session.post("/payment_intents", form, key), behavior)
            except Unanswered:
                continue
            except Refused as refused:
                if refused.passes:
                    continue
                raise TerminalError(ErrorCode.STRIPE_API_ERROR, str(refused), api_error=refused.error) from None
        return None

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        with _held(self._busy, "another operation is running on the reader"):
            yield

    @contextmanager
    def _cancelable(self) -> Iterator[Cancelable]:
        handle = self._cancel = Cancelable()
        self._payment_status = PaymentStatus.WAITING_FOR_INPUT
        try:
            yield handle
        finally:
            self._cancel = None
            self._payment_status = PaymentStatus.READY

    def _may_watch(self) -> bool:
        """Whether the reader has to be looked after: an operation on it would notice by itself."""
        return self._connection.status is ConnectionStatus.CONNECTED and not self._busy.locked()

    def _watch(self) -> None:
        self._connection.watch()

    def _forwarded(self, intent: PaymentIntent, error: TerminalError | None) -> None:
        if self._offline_listener is not None:
            self._offline_listener.did_forward(intent, error)
        self._status_changed()

    def _stuck(self, error: TerminalError) -> None:
        if self._offline_listener is not None:
            self._offline_listener.did_report_forwarding_error(error)

    def _status_changed(self) -> None:
        listener = self._offline_listener
        if listener is not None:
            self._background.tell(lambda: listener.did_change_offline_status(self.offline_status))


@contextmanager
def _held(lock: threading.Lock, otherwise: str) -> Iterator[None]:
    if not lock.acquire(blocking=False):
        raise TerminalError(ErrorCode.READER_BUSY, otherwise)
    try:
        yield
    finally:
        lock.release()
