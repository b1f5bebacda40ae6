"""PaymentMethods that card readers make: card_present, interac_present, and the reusable card behind them."""

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.cards import Card
from cardpresent.emulator.errors import JsonObject, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "payment_method.card_present", "documented", f"{API}/payment_methods/object",
    "Every presented card leaves a PaymentMethod of its type, single use, without a customer.",
)

EXPIRY: Final = (12, 2034)
GENERATES_CARD: Final = frozenset({"visa", "mastercard", "amex", "discover"})
_NO_DETAILS: Final = {
    "address": {
        "city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None,
    },
    "email": None, "name": None, "phone": None, "tax_id": None,
}


# -------------------------------------------------------------------------------------------------------------- fields


def make(account: "Account", card: Card, read_method: str) -> JsonObject:
    """The PaymentMethod of one presentation, kept and returned."""
    kind = "interac_present" if card.is_interac else "card_present"
    details: JsonObject = {
        "brand": card.brand, "cardholder_name": None, "country": card.country,
        "description": None, "exp_month": EXPIRY[0], "exp_year": EXPIRY[1], "fingerprint": fingerprint(card),
        "funding": card.funding, "issuer": None, "last4": card.last4,
        "networks": {"available": [card.network or card.brand], "preferred": None},
        "preferred_locales": ["en"], "read_method": read_method,
    }
    if kind == "card_present":
        details.update(brand_product=None, offline=None)
    return _keep(account, kind, details)


def make_generated_card(account: "Account", card: Card) -> str | None:
    """The id of the reusable card PaymentMethod made beside the charge, or None where none can be."""
    if card.brand not in GENERATES_CARD or card.is_interac:
        return None
    details: JsonObject = {
        "brand": card.brand, "checks": {"address_line1_check": None, "address_postal_code_check": None,
                                        "cvc_check": None},
        "country": card.country, "display_brand": card.brand, "exp_month": EXPIRY[0], "exp_year": EXPIRY[1],
        "fingerprint": fingerprint(card), "funding": card.funding, "generated_from": None, "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None}, "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True}, "wallet": None,
    }
    made: str = _keep(account, "card", details)["id"]
    return made


def fingerprint(card: Card) -> str:
    """The same card, the same fingerprint."""
    return sha256(card.number.encode()).hexdigest()[:16]


def _keep(account: "Account", kind: str, details: JsonObject) -> JsonObject:
    made: JsonObject = {
        "id": account.ids.new("pm"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": _NO_DETAILS, kind: details, "created": account.clock.now(), "customer": None,
        "customer_account": None, "livemode": False, "metadata": {}, "type": kind,
    }
    return account.payment_methods.add(made["id"], made, made["created"])


# ---------------------------------------------------------------------------------------------------------- operations


def retrieve(call: Call) -> JsonObject:
    found = call.account.payment_methods.get(call.id)
    if found is None:
        raise missing("PaymentMethod", call.id, "payment_method")
    return found


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("payment_method.retrieve", "GET", "/v1/payment_methods/{payment_method}", retrieve,
              "payment_method_retrieve"),
]
