"""Parameters that newer SDKs have dropped from their types and that Stripe still takes, at every version.

`payment_method_types` left stripe-python's types at 16.0 (2026-09-30.endive); every till in the field sends it.
"""

from typing import Final

from cardpresent.emulator.fidelity import API, declare

declare(
    "params.payment_method_types", "assumed", f"{API}/payment_intents/create",
    "payment_method_types is taken at every Stripe-Version, also where the newest types no longer list it.",
)

LEGACY: Final[dict[str, dict[str, object]]] = {
    "payment_intent.create": {"payment_method_types": list[str]},
    "payment_intent.update": {"payment_method_types": list[str]},
    "setup_intent.create": {"payment_method_types": list[str]},
    "setup_intent.update": {"payment_method_types": list[str]},
}
