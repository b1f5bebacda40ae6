"""A stand-in of Stripe's Terminal SDK for Python tills: a reader beside the device, and payments taken offline.

Only SDKs can take payments offline, none can be pointed at another Stripe, and none exists for Python; this one has the
shape of Android's and iOS's, talks to an emulated Stripe and to simulated readers, and imports nothing of ours.
"""

from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.listeners import MobileReaderListener, OfflineListener, ReaderListener
from cardpresent.sdk.objects import (
    CardPresentDetails,
    ConnectionStatus,
    DisconnectReason,
    NetworkStatus,
    OfflineBehavior,
    OfflineDetails,
    OfflineStatus,
    PaymentIntent,
    PaymentIntentParameters,
    PaymentStatus,
    Reader,
    ReaderUpdate,
)
from cardpresent.sdk.terminal import Terminal

__all__ = [
    "Cancelable", "CardPresentDetails", "ConnectionStatus", "DisconnectReason", "ErrorCode", "MobileReaderListener",
    "NetworkStatus", "OfflineBehavior", "OfflineDetails", "OfflineListener", "OfflineStatus", "PaymentIntent",
    "PaymentIntentParameters", "PaymentStatus", "Reader", "ReaderListener", "ReaderUpdate", "Terminal",
    "TerminalError",
]
