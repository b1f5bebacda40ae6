"""Parameters that Stripe takes and the SDK's types do not list: dropped ones, at every version, and new ones.

`payment_method_types` left stripe-python's types at 16.0 (2026-09-30.endive); every till in the field sends it.
"""

from typing import Any, Final, Literal, NotRequired

from typing_extensions import TypedDict

from cardpresent.emulator.fidelity import API, declare

declare(
    "params.payment_method_types", "assumed", f"{API}/payment_intents/create",
    "payment_method_types is taken at every Stripe-Version, also where the newest types no longer list it.",
)


class _Tipping(TypedDict):
    amount_eligible: NotRequired[int]


class _ProcessConfig(TypedDict):
    """Stripe's process_config with `moto`, which only accounts it was opened to may send."""

    allow_redisplay: NotRequired[Literal["always", "limited", "unspecified"]]
    enable_customer_cancellation: NotRequired[bool]
    moto: NotRequired[bool]
    return_url: NotRequired[str]
    skip_tipping: NotRequired[bool]
    tipping: NotRequired[_Tipping]


LEGACY: Final[dict[str, dict[str, object]]] = {
    "payment_intent.create": {"payment_method_types": list[str]},
    "payment_intent.update": {"payment_method_types": list[str]},
    "setup_intent.create": {"payment_method_types": list[str]},
    "setup_intent.update": {"payment_method_types": list[str]},
    "reader.process_payment_intent": {"process_config": _ProcessConfig},
    "reader.print_content": {"image": Any, "type": Literal["image"]},  # a file call, in no SDK yet
    "sdk.create_payment_intent": {"payment_method_types": list[str]},
    "sdk.activate": {"connection_token": str, "location": str, "reader": str},
    "sdk.confirm_payment_intent": {"read": str},
    "sdk.forward": {
        "amount": int, "capture_method": str, "currency": str, "description": str, "metadata": dict[str, str],
        "payment_intent": str, "payment_method_types": list[str], "read": str, "stored_at": int,
    },
    "sdk.discover_readers": {"location": str, "simulated": bool},
    "sdk.confirm_setup_intent": {"allow_redisplay": Literal["always", "limited", "unspecified"], "read": str},
    "sdk.create_refund": {
        "amount": int, "charge": str, "read": str, "refund_application_fee": bool, "reverse_transfer": bool,
    },
    "event.retry": {"account": str, "for_stripecli": bool, "webhook_endpoint": str},
    "cli_session.create": {
        "device_name": str, "filters": str, "forward_connect_to_url": str, "forward_thin_connect_to_url": str,
        "forward_thin_to_url": str, "forward_to_url": str, "websocket_features": list[str],
    },
}

# Documented, and in no type of the SDK (deprecated, or for publishable keys alone): refused as not emulated.
UNTYPED: Final[dict[str, tuple[str, ...]]] = {
    "application_fee.refund": ("directive",),
    "charge.create": ("card",),
    "customer.update": ("bank_account", "card", "default_alipay_account", "default_bank_account", "default_card"),
    "payment_intent.confirm": ("client_secret",),
    "payment_intent.verify_microdeposits": ("client_secret",),
    "setup_intent.confirm": ("client_secret",),
    "setup_intent.verify_microdeposits": ("client_secret",),
}
