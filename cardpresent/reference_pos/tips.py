"""A tip added on the receipt: what may be captured above the authorization, and for which charge."""

from typing import Any, Final

# https://docs.stripe.com/terminal/features/collecting-tips/on-receipt, limits and availability (documented)
FLOOR: Final = {"usd": 5000}


def receipt_tip_limit(authorized: int, currency: str) -> int:
    """The greatest tip, in minor units: half of the authorization or 50.00 USD, whichever is greater; 0 elsewhere."""
    return max(authorized // 2, FLOOR[currency]) if currency in FLOOR else 0


def refusal(charge: dict[str, Any] | None, tip: int, currency: str) -> str | None:
    """Why this charge cannot take this tip, None when it can. `charge` is Stripe's Charge of the authorization."""
    if tip == 0:
        return None
    card = ((charge or {}).get("payment_method_details") or {}).get("card_present") or {}
    if not card.get("overcapture_supported"):
        return "tip_not_possible"
    if tip > receipt_tip_limit(int(card.get("amount_authorized") or 0), currency):
        return "tip_too_large"
    return None
