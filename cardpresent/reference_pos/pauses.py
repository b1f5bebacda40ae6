"""How long the till waits before it asks Stripe about a sale again."""

from .sale import Sale
from .till import Till


def pause(till: Till, sale: Sale) -> float | None:
    """How long to wait before asking again, None when there is nothing left to ask."""
    settings = till.settings
    attempt = till.store.attempt(sale.sale)
    back_off_s = min(settings.retry_s * 2 ** min(sale.failures, 16), settings.retry_max_s)
    if attempt is not None and attempt.phase == "unsure":
        return min(settings.poll_s, settings.unsure_s / 4) if not sale.failures else back_off_s
    if attempt is not None:
        left_s = attempt.deadline - till.clock.now()
        return min(settings.poll_s, left_s) if left_s > 0 else settings.poll_s
    owed = sale.outcome == "held" and sale.order_amount is not None
    cancelling = sale.cancel_wanted and not sale.closed and sale.outcome != "paid"
    in_doubt = sale.outcome in ("waiting", "not_known") and sale.reason != "mismatch"
    return back_off_s if owed or cancelling or in_doubt else None
