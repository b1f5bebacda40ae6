"""What Stripe's events may do here: genuine ones, once each, and only by making the till ask Stripe again."""

import json
from typing import Any, Final

import stripe

from . import forms, payment, refunds, saved_cards
from .sale import Sale
from .settings import Settings
from .till import Till

PAYMENT_EVENTS: Final = {
    "payment_intent.amount_capturable_updated", "payment_intent.succeeded", "payment_intent.payment_failed",
    "payment_intent.canceled", "terminal.reader.action_succeeded", "terminal.reader.action_failed",
    "terminal.reader.action_updated",
}
REFUND_EVENTS: Final = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
# Of a paid sale these say what the till knows already; any other makes it look again.
NO_NEWS: Final = {
    "payment_intent.amount_capturable_updated", "payment_intent.succeeded", "terminal.reader.action_succeeded",
}
# Facts that can be true once only; Stripe may report them in two different events.
ONCE: Final = {"payment_intent.succeeded", "refund.created"}


def genuine(settings: Settings, raw: bytes, header: str | None) -> bool:
    """Signed by Stripe over exactly these bytes, with one of the secrets in force, and not long ago."""
    if not header:
        return False
    for secret in settings.webhook_secrets:
        try:
            stripe.WebhookSignature.verify_header(raw.decode(), header, secret, tolerance=max(1, settings.tolerance_s))
            return True
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
    return False


async def receive(till: Till, raw: bytes, header: str | None) -> int:
    """Take one delivery and return the HTTP status to answer: 2xx only once its effect is written down."""
    if not genuine(till.settings, raw, header):
        till.log.line("webhook_refused", reason="signature")
        return 400
    try:
        event = json.loads(raw)
    except ValueError:
        return 400
    if event.get("livemode") or event.get("account") != till.settings.account:
        till.log.line("webhook_refused", reason="not for this till", event=str(event.get("id")))
        return 400
    try:
        return await _apply(till, event)
    except Exception as error:
        till.log_error(error)
        return 500


async def _apply(till: Till, event: dict[str, Any]) -> int:
    kind, thing = str(event["type"]), event["data"]["object"]
    if kind not in PAYMENT_EVENTS | REFUND_EVENTS:
        return 200
    if thing.get("object") == "terminal.reader" and (saved_cards.hear(till, thing) or forms.hear(till, thing)):
        return 200
    sale = till.store.sale_of_intent(_intent_of(thing))
    if sale is None:
        return _stranger(till, thing)
    fact = f"{kind}:{thing['id']}" if kind in ONCE else str(event["id"])
    if kind in REFUND_EVENTS:
        await refunds.hear(till, sale, str(thing["id"]), fact, created=kind == "refund.created")
        return 200
    with till.store.transaction():
        if not till.store.first_time(fact, till.clock.now()):
            return 200
        if kind == "payment_intent.succeeded":
            till.store.queue(sale.sale, "receipt", till.clock.now())
    till.log.line("webhook", sale=sale.sale, event=str(event["id"]), type=kind)
    _look_again(till, sale, kind)
    return 200


def _look_again(till: Till, sale: Sale, kind: str) -> None:
    """An event is a reason to ask, never an answer: a late or reordered one finds the present state at Stripe."""
    news = till.news.get(f"refunds of {sale.sale}")
    if news is not None:
        news.set()
    if sale.outcome != "paid" or kind not in NO_NEWS:
        payment.follow(till, sale.sale, at_once=True)


def _stranger(till: Till, thing: dict[str, Any]) -> int:
    """A payment this till did not make is not its business, unless its own create has not been answered yet."""
    named = till.store.find_sale(str((thing.get("metadata") or {}).get("sale")))
    return 503 if named is not None and named.intent is None and till.store.attempt(named.sale) is not None else 200


def _intent_of(thing: dict[str, Any]) -> str:
    """The PaymentIntent an event is about, "" when there is none."""
    if thing.get("object") == "payment_intent":
        return str(thing["id"])
    if thing.get("object") == "terminal.reader":
        action = thing.get("action") or {}
        return str((action.get(str(action.get("type"))) or {}).get("payment_intent") or "")
    return str(thing.get("payment_intent") or "")
