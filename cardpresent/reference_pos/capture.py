"""Collecting what a card was approved for: ordered in the records first, then asked of Stripe until it is certain."""

from .sale import Sale
from .stripe_calls import Intent, Lost, Refused, Trouble
from .till import Till


async def collect(till: Till, sale: Sale, intent: Intent) -> Intent | None:
    """Capture the order, or all that was approved; the sale's lock is held and the PaymentIntent awaits capture.

    The order and its key outlive the process: whoever comes next repeats this same capture. Returns the PaymentIntent
    once it no longer awaits capture, None while the capture is still owed or not known.
    """
    amount = sale.order_amount if sale.order_amount is not None else intent.capturable
    sale = till.show(sale, "held", "collecting_money", release=True, order_amount=amount,
                     approved=sale.approved or intent.capturable)
    try:
        return await till.stripe.capture(intent.id, amount, f"capture:{sale.sale}:{intent.id}:{sale.order_n}")
    except Trouble as trouble:
        return await _not_confirmed(till, sale, trouble)


async def _not_confirmed(till: Till, sale: Sale, trouble: Trouble) -> Intent | None:
    """No confirmation is neither paid nor refused: read the PaymentIntent, and keep the order while it is owed."""
    if isinstance(trouble, Refused) or (isinstance(trouble, Lost) and trouble.replayed):
        # Stripe keeps this answer under the key; asking again needs the next one.
        sale = till.store.update(sale.sale, order_n=sale.order_n + 1)
    sale = till.store.update(sale.sale, failures=sale.failures + 1)
    try:
        intent = await till.stripe.read_intent(str(sale.intent))
    except Trouble:
        till.show(sale, "not_known", "capture_unknown")
        return None
    if intent.status != "requires_capture":
        return intent
    if trouble.code == "amount_too_large":
        till.show(sale, "held", "capture_refused", order_amount=None)
    else:
        till.show(sale, "held", "capture_refused" if isinstance(trouble, Refused) else "capture_retry")
    return None
