"""Other tenders and other endings: cash for a part of a sale, and a manager who finishes one by hand.

What the card owes is the sale's `amount`: cash is taken off it when it is taken, so every charge, check and receipt
after that is about the rest.
"""

from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import payment
from .asking import answer, body_of, refuse, sale_of, till_of, within
from .bodies import money, text
from .sale import Sale, new_sale
from .sessions import require_manager, require_till_session, shop_of
from .till import Till

REASON_MAX: Final = 200


def cash_taken(till: Till, sale: str) -> int:
    """Minor units of a sale that were paid in cash."""
    return int(till.store.run("SELECT COALESCE(SUM(cash), 0) FROM tenders WHERE sale = ?", sale)[0][0])


def waits_for_card(till: Till, sale: Sale) -> bool:
    """Opened by its cash, and never yet sent to a reader."""
    return not sale.closed and sale.attempt == 0 and sale.reason == "cash_taken"


def take_cash(till: Till, sale: Sale, cash: int) -> str | None:
    """Take a part in cash; the card owes the rest. Returns why not, in the till's word. The sale's lock is held."""
    if sale.closed or sale.outcome == "paid":
        return "closed"
    if sale.outcome != "not_paid" or till.store.attempt(sale.sale) is not None:
        return "cash_in_payment"
    if cash >= sale.amount:
        return "cash_is_all"
    with till.store.transaction():
        till.store.run("INSERT INTO tenders (sale, cash, at) VALUES (?, ?, ?)", sale.sale, cash, till.clock.now())
        till.show(sale, "not_paid", "cash_taken", amount=sale.amount - cash, version=sale.version + 1, eligible=None)
    return None


async def tender(request: Request) -> Response:
    till, body = till_of(request), await body_of(request)
    sale = till.store.find_sale(request.path_params["sale"])
    if sale is None:
        currency = text(body, "currency", till.settings.currency).lower()
        reader = till.store.bound_reader(text(body, "register", "front"))
        if reader is None:
            return refuse(till, "no_reader")
        sale = opened(till, request, body, money(body, "total", currency), currency, reader)
    else:
        sale = sale_of(request)
    cash = money(body, "cash", sale.currency)
    async with till.lock(sale.sale):
        why_not = take_cash(till, till.store.sale(sale.sale), cash)
    return refuse(till, why_not, sale) if why_not else answer(till, sale)


def opened(till: Till, request: Request, body: dict[str, Any], total: int, currency: str, reader: str) -> Sale:
    """A sale that is written down and not yet sent to a reader."""
    name = request.path_params["sale"]
    now, day = till.clock.now(), till.store.day()[0]
    sale = new_sale(name, total, currency, text(body, "register", "front"), reader, now, day)
    till.store.add_sale(replace(sale, outcome="not_paid", reason="edited"))
    note_shop(till, name, shop_of(request))
    return till.store.sale(name)


def note_shop(till: Till, sale: str, shop: str) -> None:
    """Write down whose sale it is; the first to say so counts."""
    till.store.run("INSERT OR IGNORE INTO sale_shops (sale, shop) VALUES (?, ?)", sale, shop)


async def finish(request: Request) -> Response:
    """A manager's last resort: look the payment up at Stripe, and take over what is found there. Never more."""
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    reason = str(body.get("reason") or "").strip()[:REASON_MAX]
    if not reason:
        return refuse(till, "reason_needed", sale)
    if till.store.attempt(sale.sale) is not None:
        return refuse(till, "finish_in_payment", sale)
    if body.get("payment_intent") not in (None, sale.intent):
        return refuse(till, "other_payment", sale)
    await within(till, payment.look(till, sale.sale))
    sale = till.store.sale(sale.sale)
    if sale.outcome != "paid":
        return refuse(till, "nothing_at_stripe", sale)
    till.store.run("INSERT INTO by_hand (sale, reason, at) VALUES (?, ?, ?)", sale.sale, reason, till.clock.now())
    till.log.line("by_hand", sale=sale.sale, outcome=sale.outcome)
    return answer(till, sale)


def finished_by_hand(till: Till, since: float) -> list[dict[str, str]]:
    """The sales a manager finished since then, with the reason given: the closing shows them."""
    rows = till.store.run("SELECT sale, reason FROM by_hand WHERE at >= ? ORDER BY row", since)
    return [{"sale": str(sale), "reason": str(reason)} for sale, reason in rows]


ROUTES = [
    Route("/sales/{sale}/tenders", require_till_session(tender), methods=["POST"]),
    Route("/sales/{sale}/finish", require_manager(finish), methods=["POST"]),
]
