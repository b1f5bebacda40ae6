"""Where this till sells for somebody else: whose account takes the payment, and what the platform keeps of it.

A direct charge is made on the seller's own account (POS_ACCOUNT): every call goes there. A destination charge is made
on the platform's account and handed on to the seller (POS_DESTINATION). Either way the platform's fee is that of the
sum which is captured, so it is told anew whenever that sum changes.
https://docs.stripe.com/terminal/features/connect (documented)
"""

from typing import Any

from .settings import Settings


def fee(settings: Settings, amount: int) -> dict[str, int]:
    """The platform's fee for an amount in minor units, rounded down; nothing where it takes none."""
    share = amount * round(settings.fee_percent * 100) // 10_000
    return {"application_fee_amount": share} if settings.fee_percent else {}


def terms(settings: Settings, amount: int) -> dict[str, Any]:
    """What a new PaymentIntent says of seller and platform."""
    if settings.destination is None:
        return fee(settings, amount)
    seller = settings.destination
    return {**fee(settings, amount), "transfer_data": {"destination": seller}, "on_behalf_of": seller}


def returned(settings: Settings) -> dict[str, bool]:
    """What a refund takes back: the seller's share, and the platform's fee, in proportion."""
    fee_back = {"refund_application_fee": True} if settings.fee_percent else {}
    return {**fee_back, "reverse_transfer": True} if settings.destination else fee_back
