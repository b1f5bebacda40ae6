"""Payment intents from what Stripe answers, what a till asks for, and what is stored."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cardpresent.sdk.objects import (
    CardPresentDetails,
    OfflineBehavior,
    OfflineDetails,
    PaymentIntent,
    PaymentIntentParameters,
)
from cardpresent.sdk.store import StoredPayment

JsonObject = dict[str, Any]


def of_stripe(pi: JsonObject, behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE) -> PaymentIntent:
    """Stripe's PaymentIntent; its latest charge may be expanded."""
    charge = pi.get("latest_charge")
    details: JsonObject = {}
    if isinstance(charge, dict):
        given = charge["payment_method_details"]
        details = given[given["type"]]
    tip = pi["amount_details"]["tip"].get("amount")
    offline = details.get("offline")
    card = _card(details) if details else None
    forwarded = None if not offline else OfflineDetails(offline["stored_at"], requires_upload=False, card_present=card)
    return PaymentIntent(
        id=pi["id"], amount=pi["amount"], currency=pi["currency"], status=pi["status"],
        capture_method=pi["capture_method"], metadata=pi["metadata"], client_secret=pi["client_secret"],
        description=pi["description"], created=pi["created"], amount_tip=tip,
        charge=charge["id"] if isinstance(charge, dict) else charge, card_present=card, offline_behavior=behavior,
        offline_details=forwarded,
        last_payment_error=pi["last_payment_error"], handle=pi["id"],
    )


def made_offline(params: PaymentIntentParameters, behavior: OfflineBehavior, now: int) -> PaymentIntent:
    return PaymentIntent(
        id=None, amount=params.amount, currency=params.currency.lower(), status="requires_payment_method",
        capture_method=params.capture_method, metadata=dict(params.metadata), description=params.description,
        created=now, offline_behavior=behavior, handle=f"local_{uuid.uuid4().hex}",
    )


def with_card(intent: PaymentIntent, card: Mapping[str, Any]) -> PaymentIntent:
    """A card was read for it."""
    shown = CardPresentDetails(
        card["brand"], card["last4"], card["exp_month"], card["exp_year"], card["read_method"]
    )
    return replace(intent, status="requires_confirmation", card_present=shown, amount_tip=card["tip"])


def without_card(intent: PaymentIntent) -> PaymentIntent:
    return replace(intent, status="requires_payment_method", card_present=None, amount_tip=None)


def stored(intent: PaymentIntent, stored_at: int) -> PaymentIntent:
    """Confirmed offline. Nothing is authorized, whatever the status says (documented)."""
    status = "succeeded" if intent.capture_method == "automatic" else "requires_capture"
    details = OfflineDetails(stored_at, requires_upload=True, card_present=intent.card_present)
    return replace(intent, status=status, offline_details=details)


def of_stored(payment: StoredPayment, answer: JsonObject | None) -> PaymentIntent:
    """A stored payment as Stripe answered; one that Stripe would not even make keeps what was stored."""
    if answer is not None:
        made = of_stripe(answer)
        return replace(made, offline_details=made.offline_details or OfflineDetails(payment.stored_at, False))
    params = payment.params
    return PaymentIntent(
        id=payment.intent, amount=payment.amount, currency=payment.currency, status="requires_payment_method",
        capture_method=params.get("capture_method", "automatic"), metadata=params.get("metadata", {}),
        description=params.get("description"), created=payment.stored_at,
        offline_details=OfflineDetails(payment.stored_at, requires_upload=False), handle=payment.key,
    )


def _card(details: JsonObject) -> CardPresentDetails:
    return CardPresentDetails(
        details["brand"], details["last4"], details["exp_month"], details["exp_year"], details["read_method"],
        details.get("receipt") or {},
    )
