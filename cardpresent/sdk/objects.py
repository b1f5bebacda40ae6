"""What the SDK hands out: readers, payment intents, what is stored offline. Snapshots; nothing here changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

CaptureMethod = Literal["automatic", "manual", "manual_preferred"]
WITHOUT_SCREEN: Final = frozenset({"stripe_m2", "bbpos_chipper2x"})


class OfflineBehavior(StrEnum):
    """What becomes of a payment without a line to Stripe. Documented: SCPOfflineBehavior.h."""

    PREFER_ONLINE = "prefer_online"  # online when possible, else stored
    REQUIRE_ONLINE = "require_online"  # fails when offline
    FORCE_OFFLINE = "force_offline"  # stored even when online, forwarded in the background


class NetworkStatus(StrEnum):
    """Whether the SDK reached Stripe when it last tried; unknown before it ever has."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"


class ConnectionStatus(StrEnum):
    """Where device and reader stand."""

    NOT_CONNECTED = "not_connected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"


class PaymentStatus(StrEnum):
    """What the SDK is doing with the reader."""

    NOT_READY = "not_ready"
    READY = "ready"
    WAITING_FOR_INPUT = "waiting_for_input"
    PROCESSING = "processing"


class DisconnectReason(StrEnum):
    """Why a reader went away. Documented: facts of the mobile SDKs' DisconnectReason."""

    UNKNOWN = "unknown"
    DISCONNECT_REQUESTED = "disconnect_requested"
    BLUETOOTH_SIGNAL_LOST = "bluetooth_signal_lost"
    POWERED_OFF = "powered_off"
    CRITICALLY_LOW_BATTERY = "critically_low_battery"


@dataclass(frozen=True, slots=True)
class ReaderUpdate:
    """New software for a mobile reader, and how long installing it takes. `required`: nothing works before it."""

    version: str
    required: bool
    duration_estimate_s: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader in range, or the one connected. `id` is Stripe's tmr_…; `location` where it was used last or belongs."""

    id: str
    device_type: str
    serial_number: str
    label: str
    location: str | None
    battery_percent: int | None = None
    available_update: ReaderUpdate | None = None

    @property
    def update_required(self) -> bool:
        return self.available_update is not None and self.available_update.required

    @property
    def has_screen(self) -> bool:
        """Whether it shows the customer by itself what to do; else the app has to."""
        return self.device_type not in WITHOUT_SCREEN


@dataclass(frozen=True, slots=True)
class PaymentIntentParameters:
    """What a payment is to be. `amount` in the currency's smallest unit; put your own sale id into `metadata`."""

    amount: int
    currency: str
    capture_method: CaptureMethod = "automatic"
    metadata: Mapping[str, str] = field(default_factory=dict)
    payment_method_types: tuple[str, ...] = ("card_present",)
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CardPresentDetails:
    """The card as the receipt shows it. Offline, `account_type` and `authorization_response_code` are missing from
    `receipt` (documented)."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    read_method: str
    receipt: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfflineDetails:
    """What is known of a payment confirmed offline.

    `stored_at`: Unix seconds by the device's clock. `requires_upload`: still on this device alone; nothing is
    authorized, and nothing can be captured, refunded or cancelled at Stripe.
    """

    stored_at: int
    requires_upload: bool
    card_present: CardPresentDetails | None = None
    amount_tip: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """One payment as this device knows it.

    `id` and `client_secret` are None for one made offline until it is forwarded. `status` is Stripe's spelling; offline
    and with automatic capture it reads `succeeded` though nothing is authorized yet (documented): look at
    `offline_details`.
    """

    id: str | None
    amount: int
    currency: str
    status: str
    capture_method: str
    metadata: Mapping[str, str]
    client_secret: str | None = None
    description: str | None = None
    created: int = 0
    amount_tip: int | None = None
    charge: str | None = None
    card_present: CardPresentDetails | None = None
    offline_behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE
    offline_details: OfflineDetails | None = None
    last_payment_error: Mapping[str, Any] | None = None
    handle: str = field(default="", repr=False)  # the SDK's own, while the object lives; means nothing to a till


@dataclass(frozen=True, slots=True)
class OfflineStatus:
    """What is stored on this device and not forwarded yet. Amounts by currency, in its smallest unit."""

    network_status: NetworkStatus
    offline_payments_count: int
    offline_payment_amounts_by_currency: Mapping[str, int]
