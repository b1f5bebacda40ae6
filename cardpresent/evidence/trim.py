"""What of a Stripe object the journal keeps in a ledger entry: all that money is judged by, and no more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_INTENT = (
    "id", "status", "amount", "amount_received", "amount_capturable", "amount_details", "currency", "latest_charge",
    "metadata", "capture_method", "cancellation_reason", "created", "customer", "payment_method_types",
    "setup_future_usage",
)  # fmt: skip
_CHARGE = (
    "id", "status", "amount", "captured", "amount_captured", "amount_refunded", "payment_intent", "currency",
    "failure_code", "outcome", "created",
)  # fmt: skip
_CARD = (
    "brand", "last4", "exp_month", "exp_year", "network", "read_method", "amount_authorized", "capture_before",
    "overcapture_supported", "receipt", "generated_card",
)  # fmt: skip
_REFUND = ("id", "amount", "status", "charge", "payment_intent", "currency", "failure_reason", "created")

# Of a platform's payments: whose they are, and what the platform keeps. Elsewhere they are null, and left out.
_INTENT_CONNECT = ("application_fee_amount", "on_behalf_of", "transfer_data")
_CHARGE_CONNECT = (*_INTENT_CONNECT, "transfer")
_REFUND_CONNECT = ("transfer_reversal",)


def ledger_data(
    intents: Sequence[Mapping[str, Any]],
    charges: Sequence[Mapping[str, Any]],
    refunds: Sequence[Mapping[str, Any]],
    reader: Mapping[str, Any] | None,
    mine: set[str],
    method: str,
    named: Iterable[str] = (),
) -> dict[str, Any]:
    """The books of one sale: the PaymentIntents in `mine`, their charges and refunds, and the reader it ran on.

    `named` are the PaymentIntents that the till itself named for the sale, whosoever they are.
    """
    return {
        "method": method,
        "named": sorted(named),
        "payment_intents": [_kept(p, _INTENT, _INTENT_CONNECT) for p in intents if p["id"] in mine],
        "charges": [_charge(c) for c in charges if c["payment_intent"] in mine],
        "refunds": [_kept(r, _REFUND, _REFUND_CONNECT) for r in refunds if r["payment_intent"] in mine],
        "reader": _kept(reader, ("id", "status", "action", "asking")) if reader else None,
    }


def _charge(charge: Mapping[str, Any]) -> dict[str, Any]:
    details = charge.get("payment_method_details") or {}
    kind = str(details.get("type"))
    card = details.get(kind) or {}
    shown = {"type": kind, kind: _kept(card, _CARD)}
    return {**_kept(charge, _CHARGE, _CHARGE_CONNECT), "payment_method_details": shown}


def _kept(source: Mapping[str, Any], names: Iterable[str], where_said: Iterable[str] = ()) -> dict[str, Any]:
    said = {name: source[name] for name in where_said if source.get(name) is not None}
    return {name: source[name] for name in names if name in source} | said
