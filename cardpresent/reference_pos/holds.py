"""Raising what is held on a card before it is collected: only where the charge allows it, a bounded number of times.

The wish is written down before Stripe is asked, so that one whose answer was lost is found again and never doubled.
https://docs.stripe.com/terminal/features/incremental-authorizations (documented)
"""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .asking import answer, body_of, refuse, sale_of, till_of, within
from .bodies import money
from .sale import Sale
from .sessions import require_till_session
from .stripe_calls import Intent, Refused, Trouble
from .till import Till

RAISES_MAX: Final = 10


async def raise_hold(till: Till, sale_id: str, total: int) -> str | None:
    """Raise a held sale to a new total. Returns why not, in the till's word, None when it is raised."""
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        if sale.outcome != "held" or sale.reason != "collect_later":
            return "nothing_held"
        if total <= sale.amount:
            return "raise_not_higher"
        pending = _pending(till, sale)
        if pending not in (None, total):
            return "raise_under_way"
        if pending is None:
            why_not = await _refusal(till, sale)
            if why_not is not None:
                return why_not
            till.store.run("INSERT INTO raises (sale, total, status) VALUES (?, ?, 'sent')", sale_id, total)
        return await _send(till, sale, total)


async def _refusal(till: Till, sale: Sale) -> str | None:
    """Why this hold cannot be raised, before Stripe is asked to. Raises Trouble."""
    charge = await till.stripe.read_charge(str(sale.intent))
    card = ((charge or {}).get("payment_method_details") or {}).get("card_present") or {}
    if not card.get("incremental_authorization_supported"):
        return "raise_not_possible"
    return "raise_too_often" if _count(till, sale) >= RAISES_MAX else None


async def _send(till: Till, sale: Sale, total: int) -> str | None:
    try:
        intent = await till.stripe.raise_hold(str(sale.intent), total, f"raise:{sale.sale}:{_count(till, sale)}")
    except Refused as no:
        _end(till, sale, "refused")
        return "raise_declined" if no.code == "card_declined" else "raise_refused"
    except Trouble:
        try:
            intent = await till.stripe.read_intent(str(sale.intent))
        except Trouble:
            return "raise_unknown"
    taken_over(till, sale, intent)
    return None if intent.capturable == total else "raise_unknown"


def taken_over(till: Till, sale: Sale, intent: Intent) -> Sale:
    """Write a raise down that Stripe's books show; the sale as it is then."""
    total = _pending(till, sale)
    if total is None or intent.capturable != total:
        return sale
    with till.store.transaction():
        _end(till, sale, "raised")
        return till.show(sale, "held", "collect_later", amount=total, approved=total, version=sale.version + 1)


def _pending(till: Till, sale: Sale) -> int | None:
    rows = till.store.run("SELECT total FROM raises WHERE sale = ? AND status = 'sent'", sale.sale)
    return int(rows[0][0]) if rows else None


def _count(till: Till, sale: Sale) -> int:
    rows: list[tuple[Any, ...]] = till.store.run("SELECT COUNT(*) FROM raises WHERE sale = ?", sale.sale)
    return int(rows[0][0])


def _end(till: Till, sale: Sale, status: str) -> None:
    till.store.run("UPDATE raises SET status = ? WHERE sale = ? AND status = 'sent'", status, sale.sale)


async def hold(request: Request) -> Response:
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    total = money(body, "total", sale.currency)
    try:
        why_not = await within(till, raise_hold(till, sale.sale, total))
    except Trouble:
        return refuse(till, "stripe_silent", sale, 503)
    if why_not == "raise_unknown":
        return refuse(till, why_not, sale, 503)
    return refuse(till, why_not, sale) if why_not else answer(till, sale)


ROUTES = [Route("/sales/{sale}/hold", require_till_session(hold), methods=["POST"])]
