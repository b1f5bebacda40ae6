"""The customer's copy, made from the charge at Stripe and not from the order, and kept as evidence."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from .money import major, spoken
from .sale import Sale
from .till import Till

WIDTH: Final = 34  # characters

PRINTED: Final = (
    ("application", "Application", "application_preferred_name"),
    ("aid", "AID", "dedicated_file_name"),
    ("account", "Account", "account_type"),
    ("authorization", "Authorization", "authorization_code"),
    ("response", "Response", "authorization_response_code"),
    ("cryptogram", "Cryptogram", "application_cryptogram"),
    ("tvr", "TVR", "terminal_verification_results"),
    ("tsi", "TSI", "transaction_status_information"),
    ("verified_by", "Verified by", "cardholder_verification_method"),
)


async def receipt(till: Till, sale: Sale) -> dict[str, Any]:
    """The receipt of a paid sale: {"sale", "amount", "tip", "refunded", "currency", "card", …, "text"}.

    Amounts in minor units; the amount is what was captured, tip included. Raises Trouble when Stripe does not answer
    and no copy is kept yet: then the receipt comes later and the sale stays paid.
    """
    kept = till.store.receipt(sale.sale)
    if kept is None:
        charge = await till.stripe.read_charge(str(sale.intent)) or {}
        body = _body(sale, charge)
        till.store.keep_receipt(sale.sale, json.dumps(body))
    else:
        body = json.loads(kept)
    body["refunded"] = till.store.refunded(sale.sale)
    return {**body, "text": _text(till.settings.shop, body)}


def _body(sale: Sale, charge: dict[str, Any]) -> dict[str, Any]:
    details = charge.get("payment_method_details") or {}
    card = details.get(str(details.get("type"))) or {}
    printed = card.get("receipt") or {}
    return {
        "sale": sale.sale,
        "amount": int(charge.get("amount_captured") or 0),
        "tip": int(charge.get("amount_captured") or 0) - sale.amount,
        "currency": str(charge.get("currency") or sale.currency),
        "at": int(charge.get("created") or sale.started),
        "card": f"{str(card.get('brand') or 'card').capitalize()} {card.get('last4') or ''}".strip(),
        "read_by": str(card.get("read_method") or ""),
        **{name: printed.get(source) for name, _, source in PRINTED},
    }


def _text(shop: str, body: dict[str, Any]) -> str:
    """The slip, one line each, as wide as an 80 mm roll."""
    currency = body["currency"]
    at = datetime.fromtimestamp(body["at"], UTC).strftime("%d %b %Y, %H:%M UTC")
    lines = [shop.center(WIDTH).rstrip(), at.center(WIDTH).rstrip(), f"Sale {body['sale']}"]
    if body["tip"]:
        lines.append(_line("Goods", major(body["amount"] - body["tip"], currency)))
        lines.append(_line("Tip", major(body["tip"], currency)))
    lines += [_line(f"Paid, {currency.upper()}", major(body["amount"], currency)), _line("Card", body["card"])]
    lines += [_line(label, str(body[name])) for name, label, _ in PRINTED if body.get(name)]
    if body["read_by"]:
        lines.append(_line("Read by", body["read_by"]))
    if body["refunded"]:
        lines.append(_line("Refunded", "−" + spoken(body["refunded"], currency)))
    return "\n".join(lines)


def _line(label: str, value: str) -> str:
    return label + value.rjust(max(len(value) + 1, WIDTH - len(label)))
