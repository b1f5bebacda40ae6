"""Whom the SDK tells what happens by itself. Called on the SDK's own thread: be brief, and take no lock held around an
SDK call."""

from typing import Protocol

from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.errors import TerminalError
from cardpresent.sdk.objects import DisconnectReason, OfflineStatus, PaymentIntent, Reader, ReaderUpdate


class OfflineListener(Protocol):
    """Set it before collecting (documented)."""

    def did_change_offline_status(self, status: OfflineStatus) -> None:
        """The line came or went, or a payment was stored or forwarded."""

    def did_forward(self, intent: PaymentIntent, error: TerminalError | None) -> None:
        """A stored payment reached Stripe, and has an id now.

        `error` None: authorized (`requires_capture`) or taken (`succeeded`). With an error the issuer, or Stripe, said
        no: the money is lost unless the customer comes back. A crash may have it told twice: act on it once per intent.
        """

    def did_report_forwarding_error(self, error: TerminalError) -> None:
        """Forwarding could not go on; nothing was taken off the store. The SDK tries again by itself."""


class ReaderListener(Protocol):
    """What happens to the connection with the reader."""

    def did_disconnect_unexpectedly(self, reader: Reader, reason: DisconnectReason) -> None:
        """The reader is gone, and no reconnect is going to be tried, or it was tried in vain."""

    def did_start_reconnect(self, reader: Reader, cancelable: Cancelable, reason: DisconnectReason) -> None:
        """The link broke and the SDK is trying to restore it; `cancelable.cancel()` ends that."""

    def did_succeed_reconnect(self, reader: Reader) -> None: ...

    def did_fail_reconnect(self, reader: Reader) -> None:
        """In vain, or cancelled; `did_disconnect_unexpectedly` follows."""


class MobileReaderListener(Protocol):
    """What a mobile reader needs somebody to show: it has no screen, or a small one, and is updated by the app."""

    def did_request_reader_input(self, options: tuple[str, ...]) -> None:
        """The customer is to do one of these: tap, insert, swipe."""

    def did_request_reader_display_message(self, message: str) -> None:
        """The customer is to read this: retry_card, remove_card, …"""

    def did_report_available_update(self, update: ReaderUpdate) -> None:
        """New software waits, and may be installed now or later: `Terminal.install_available_update`."""

    def did_start_installing_update(self, update: ReaderUpdate, cancelable: Cancelable | None) -> None:
        """The reader cannot be used until it is finished. Cancelling a required one makes connecting fail."""

    def did_report_update_progress(self, progress: float) -> None:
        """From 0 to 1."""

    def did_finish_installing_update(self, update: ReaderUpdate, error: TerminalError | None) -> None: ...
