"""Whom the SDK tells what happens by itself. Called on the SDK's own thread: be brief, and take no lock held around an
SDK call."""

from typing import Protocol

from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.errors import TerminalError
from cardpresent.sdk.objects import DisconnectReason, OfflineStatus, PaymentIntent, Reader


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
