"""The Terminal: one device at one counter, one reader beside it, and a store of what could not be asked yet."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.listeners import OfflineListener, ReaderListener
from cardpresent.sdk.objects import (
    ConnectionStatus,
    OfflineBehavior,
    OfflineStatus,
    PaymentIntent,
    PaymentIntentParameters,
    PaymentStatus,
    Reader,
)


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
        raise NotImplementedError

    # --------------------------------------------------------------------------------------------------- the connection

    def discover_readers(
        self, location: str | None = None, *, cancelable: Cancelable | None = None, timeout_s: float = 10.0
    ) -> list[Reader]:
        """The readers in range, of one Location if given; waits until there is one, or `timeout_s` passed ([] then).

        Works offline. Raises CANCELED when cancelled, READER_BUSY while another discovery runs.
        """
        raise NotImplementedError

    def connect_reader(self, reader: Reader, location: str | None = None) -> Reader:
        """Pairs with the reader and, online, activates it at `location` (its own, by default) with a fresh token.

        Offline it connects only where a reader of its type was used online at that Location within the last 30 days:
        NO_LAST_SEEN_ACCOUNT, READER_CONNECTION_NOT_AVAILABLE_OFFLINE, LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE,
        READER_CONNECTION_OFFLINE_NEEDS_UPDATE. Online: CONNECTION_TOKEN_PROVIDER_ERROR, STRIPE_API_ERROR.
        """
        raise NotImplementedError

    def disconnect_reader(self) -> None:
        """Gives the reader up; what it is collecting is cancelled. Does nothing without one."""
        raise NotImplementedError

    @property
    def connected_reader(self) -> Reader | None:
        raise NotImplementedError

    @property
    def connection_status(self) -> ConnectionStatus:
        raise NotImplementedError

    @property
    def payment_status(self) -> PaymentStatus:
        raise NotImplementedError

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
        raise NotImplementedError

    def retrieve_payment_intent(
        self, client_secret: str, *, offline_behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE
    ) -> PaymentIntent:
        """A payment that the backend made. Needs the line: STRIPE_API_CONNECTION_ERROR, INVALID_CLIENT_SECRET."""
        raise NotImplementedError

    def collect_payment_method(
        self, intent: PaymentIntent, *, skip_tipping: bool = False, customer_cancellation: bool = False
    ) -> PaymentIntent:
        """Asks for a card, and waits for one. The intent comes back `requires_confirmation`: confirm it, or give it up
        with `cancel_collect`, within 30 seconds.

        Raises CANCELED (by the till or by the customer), BLUETOOTH_DISCONNECTED, READER_BUSY,
        NOT_CONNECTED_TO_READER; offline also OFFLINE_AND_CARD_EXPIRED, INTERAC_NOT_SUPPORTED_OFFLINE and
        ONLINE_PIN_NOT_SUPPORTED_OFFLINE.
        """
        raise NotImplementedError

    def cancel_collect(self) -> None:
        """Ends the running collect, whose caller gets CANCELED, or lets a collected card go. Does nothing when there is
        none; raises CANCEL_FAILED while the card is being read."""
        raise NotImplementedError

    def confirm_payment_intent(self, intent: PaymentIntent) -> PaymentIntent:
        """Online: asks Stripe. Offline: stores the payment, and `offline_details` says so.

        Declined: DECLINED_BY_STRIPE_API with the intent, which takes another card. The answer lost: REQUEST_TIMED_OUT
        without an intent; confirm the same intent again. Never sent: STRIPE_API_CONNECTION_ERROR with the intent, still
        `requires_confirmation`. Collected online and the line gone since: OFFLINE_COLLECT_AND_CONFIRM_MISMATCH with the
        intent, `requires_payment_method`; collect again.
        """
        raise NotImplementedError

    def cancel_payment_intent(self, intent: PaymentIntent) -> PaymentIntent:
        """Cancels one that is not confirmed: at Stripe, or by forgetting it where it has no id. Raises
        CONFIRM_INVALID_PAYMENT_INTENT for one that is stored: it cannot be undone here."""
        raise NotImplementedError

    # ---------------------------------------------------------------------------------------------------------- offline

    @property
    def offline_status(self) -> OfflineStatus:
        """What is stored here, and the line as last seen."""
        raise NotImplementedError

    def forward_now(self) -> int:
        """Forwards what is stored, oldest first, and returns how many are left; for tests and impatient cashiers, as
        the SDK does it by itself as soon as the line is back. Never raises for a line that is down."""
        raise NotImplementedError

    # -------------------------------------------------------------------------------------------------------------- end

    def close(self) -> None:
        """The process ends: threads stop, the reader is let go, the store stays."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()
