"""How an SDK call fails: one exception, with the SDK's own code."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cardpresent.sdk.objects import PaymentIntent


class ErrorCode(StrEnum):
    """Code names of the Android SDK, where it has one; `READER_CONNECTION_OFFLINE_NEEDS_UPDATE` is iOS 2872.

    Documented: https://stripe.dev/stripe-terminal-android (TerminalErrorCode) and stripe-terminal-ios (SCPErrors.h).
    """

    # the till did something at the wrong moment
    CANCELED = "CANCELED"
    CANCEL_FAILED = "CANCEL_FAILED"
    NOT_CONNECTED_TO_READER = "NOT_CONNECTED_TO_READER"
    ALREADY_CONNECTED_TO_READER = "ALREADY_CONNECTED_TO_READER"
    CONFIRM_INVALID_PAYMENT_INTENT = "CONFIRM_INVALID_PAYMENT_INTENT"
    INVALID_CLIENT_SECRET = "INVALID_CLIENT_SECRET"
    READER_BUSY = "READER_BUSY"
    # the reader beside the device
    BLUETOOTH_DISCONNECTED = "BLUETOOTH_DISCONNECTED"
    BLUETOOTH_CONNECTION_TIMED_OUT = "BLUETOOTH_CONNECTION_TIMED_OUT"
    READER_CONNECTED_TO_ANOTHER_DEVICE = "READER_CONNECTED_TO_ANOTHER_DEVICE"
    READER_COMMUNICATION_ERROR = "READER_COMMUNICATION_ERROR"
    READER_BATTERY_CRITICALLY_LOW = "READER_BATTERY_CRITICALLY_LOW"
    CARD_READ_TIMED_OUT = "CARD_READ_TIMED_OUT"
    # Stripe, and the way to it
    DECLINED_BY_STRIPE_API = "DECLINED_BY_STRIPE_API"
    REQUEST_TIMED_OUT = "REQUEST_TIMED_OUT"
    STRIPE_API_CONNECTION_ERROR = "STRIPE_API_CONNECTION_ERROR"
    STRIPE_API_ERROR = "STRIPE_API_ERROR"
    CONNECTION_TOKEN_PROVIDER_ERROR = "CONNECTION_TOKEN_PROVIDER_ERROR"
    CONNECTION_TOKEN_PROVIDER_TIMED_OUT = "CONNECTION_TOKEN_PROVIDER_TIMED_OUT"
    # offline
    NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET = "NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET"
    FORCE_OFFLINE_WITH_FEATURE_DISABLED = "FORCE_OFFLINE_WITH_FEATURE_DISABLED"
    AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT = "AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT"
    INVALID_OFFLINE_CURRENCY = "INVALID_OFFLINE_CURRENCY"
    OFFLINE_PAYMENTS_DATABASE_TOO_LARGE = "OFFLINE_PAYMENTS_DATABASE_TOO_LARGE"
    READER_CONNECTION_NOT_AVAILABLE_OFFLINE = "READER_CONNECTION_NOT_AVAILABLE_OFFLINE"
    LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE = "LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE"
    READER_CONNECTION_OFFLINE_NEEDS_UPDATE = "READER_CONNECTION_OFFLINE_NEEDS_UPDATE"
    NO_LAST_SEEN_ACCOUNT = "NO_LAST_SEEN_ACCOUNT"
    INTERAC_NOT_SUPPORTED_OFFLINE = "INTERAC_NOT_SUPPORTED_OFFLINE"
    ONLINE_PIN_NOT_SUPPORTED_OFFLINE = "ONLINE_PIN_NOT_SUPPORTED_OFFLINE"
    OFFLINE_AND_CARD_EXPIRED = "OFFLINE_AND_CARD_EXPIRED"
    OFFLINE_TRANSACTION_DECLINED = "OFFLINE_TRANSACTION_DECLINED"  # a chip's own no: no test card here says it
    OFFLINE_COLLECT_AND_CONFIRM_MISMATCH = "OFFLINE_COLLECT_AND_CONFIRM_MISMATCH"
    CONNECTION_TOKEN_PROVIDER_ERROR_WHILE_FORWARDING = "CONNECTION_TOKEN_PROVIDER_ERROR_WHILE_FORWARDING"
    ACCOUNT_ID_MISMATCH_WHILE_FORWARDING = "ACCOUNT_ID_MISMATCH_WHILE_FORWARDING"


class TerminalError(Exception):
    """An SDK call that did not do what was asked.

    `payment_intent` is the intent as it stands now. None after `confirm_payment_intent` means that nobody on this
    device knows: the request may have been carried out; confirm the same intent again, never make another.
    `api_error` is Stripe's own error object (`code`, `decline_code`, `message`, …) where Stripe said no.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        payment_intent: "PaymentIntent | None" = None,
        api_error: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.payment_intent, self.api_error = code, message, payment_intent, api_error

    @property
    def decline_code(self) -> str | None:
        """The issuer's reason, None where no issuer said no."""
        return (self.api_error or {}).get("decline_code")
