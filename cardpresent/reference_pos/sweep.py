"""The sweep: what no webhook, poll or cashier finished. Small and often, and in full at the end of the day."""

import asyncio
from contextlib import suppress
from typing import Any

from . import payment, refunds, tenders
from .cancel import drop_intent
from .sale import Sale
from .stripe_calls import Intent, Trouble
from .till import Till

Sums = dict[str, tuple[int, int]]  # captured and refunded, in minor units, by currency


async def sweep_forever(till: Till) -> None:
    """Sweep every `sweep_s`; moving the till's clock counts."""
    due = till.clock.now() + till.settings.sweep_s
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(till.sweep_news.wait(), timeout=max(0.01, due - till.clock.now()))
        till.sweep_news.clear()
        if till.clock.now() < due:
            continue
        due = till.clock.now() + till.settings.sweep_s
        try:
            await settle_what_is_open(till, day_ends=False)
        except Exception as error:
            till.log_error(error)


async def settle_what_is_open(till: Till, *, day_ends: bool) -> list[str]:
    """Read every open sale at Stripe, collect what is owed, cancel what is provably unused. Returns what it settled."""
    settled = []
    for sale in till.store.unsettled():
        with suppress(Trouble):
            if till.store.attempt(sale.sale) is None or day_ends:
                await payment.look(till, sale.sale)
            await _close_if_abandoned(till, till.store.sale(sale.sale), day_ends=day_ends)
        after = till.store.sale(sale.sale)
        if after.outcome == "paid" or after.closed:
            settled.append(sale.sale)
    for open_refund in till.store.open_refunds():
        await refunds.resolve_refunds(till, open_refund.sale)
    return settled


async def _close_if_abandoned(till: Till, sale: Sale, *, day_ends: bool) -> None:
    """A sale that nobody paid and nobody is collecting is closed, at the end of the day or when it is old."""
    old = till.clock.now() - sale.started >= till.settings.abandon_s
    if sale.outcome != "not_paid" or sale.closed or till.store.attempt(sale.sale) is not None or not (old or day_ends):
        return
    async with till.lock(sale.sale):
        sale = till.store.sale(sale.sale)
        if sale.outcome != "not_paid" or till.store.attempt(sale.sale) is not None:
            return
        if sale.intent is None:
            till.show(sale, "not_paid", "abandoned", closed=1)
            return
        intent = await drop_intent(till, sale)
        if intent.status == "canceled":
            till.show(sale, "not_paid", "abandoned", closed=1)
        else:
            await payment.settle(till, till.store.sale(sale.sale), intent)


async def close_day(till: Till) -> dict[str, Any]:
    """Settle the day, compare it with Stripe, and close it if nothing is left open.

    {"closed", "settled": [sale], "needs_you": [{"sale", "outcome", "amount", "why"}], "differences", "by_hand",
    "totals"}; amounts in minor units. `differences` are what needs somebody, and what was taken over from Stripe's
    books just now. Raises Trouble when Stripe cannot be read: a day is never closed unread.
    """
    settled = await settle_what_is_open(till, day_ends=True)
    day, opened = till.store.day()
    strangers, at_stripe, news = await _compare(till, day, opened)
    needs_you = [_item(sale) for sale in till.store.unsettled()] + strangers
    needs_you += [{"sale": row.sale, "outcome": "not_known", "amount": row.amount, "why": "refund not known yet"}
                  for row in till.store.open_refunds() if row.status in refunds.UNCERTAIN]
    totals = _totals(till, day, at_stripe)
    closed = not needs_you and totals["agree"]
    if closed:
        till.store.open_next_day(till.clock.now())
    till.log.line("day", status="closed" if closed else "open", count=len(needs_you))
    by_hand = tenders.finished_by_hand(till, opened)
    return {"closed": closed, "settled": settled, "needs_you": needs_you, "differences": [*needs_you, *news],
            "by_hand": by_hand, "totals": totals}


def _item(sale: Sale) -> dict[str, Any]:
    return {"sale": sale.sale, "outcome": sale.outcome, "amount": sale.amount, "why": sale.reason}


async def _compare(till: Till, day: int, opened: float) -> tuple[list[dict[str, Any]], Sums, list[dict[str, Any]]]:
    """Read all of Stripe's books since the day began: payments named after our sales but not ours, the sums, and news.

    News are refunds made at Stripe that nobody here knew of: written down now, and named to whoever closes the day.
    """
    since = opened - till.settings.look_back_s
    news: list[dict[str, Any]] = []
    strangers: list[dict[str, Any]] = []
    sums: Sums = {}
    for intent in await till.stripe.list_intents(since):
        sale = till.store.sale_of_intent(intent.id)
        if sale is None and intent.sale is not None and intent.status != "canceled":
            sale = await _adopt(till, intent)
            if sale is None:
                strangers.append({"sale": intent.sale, "outcome": "not_known", "amount": intent.amount,
                                  "why": f"{intent.id} at Stripe is unknown here"})
        if sale is not None and sale.day == day:
            _add(sums, intent.currency, captured=intent.received)
    for truth in await till.stripe.list_refunds(since):
        sale = till.store.sale_of_intent(truth.intent or "")
        if sale is not None:
            async with till.lock(sale.sale):
                if not refunds.known(till, sale, truth):
                    news.append({"sale": sale.sale, "outcome": sale.outcome, "amount": truth.amount,
                                 "why": f"{truth.id} was refunded at Stripe and not here"})
                refunds.book(till, sale, truth)
            if sale.day == day and truth.status == "succeeded":
                _add(sums, sale.currency, refunded=truth.amount)
    return strangers, sums, news


def _add(sums: Sums, currency: str, *, captured: int = 0, refunded: int = 0) -> None:
    so_far = sums.get(currency, (0, 0))
    if captured or refunded:
        sums[currency] = (so_far[0] + captured, so_far[1] + refunded)


async def _adopt(till: Till, intent: Intent) -> Sale | None:
    """The answer to this sale's create was lost: the PaymentIntent is ours after all. Cancel it if the sale is over."""
    sale = till.store.find_sale(str(intent.sale))
    if sale is None or sale.intent is not None:
        return None
    if (intent.amount, intent.currency) != (sale.create_amount, sale.currency):
        return None
    async with till.lock(sale.sale):
        sale = till.store.update(sale.sale, intent=intent.id)
        if sale.closed and till.store.attempt(sale.sale) is None:
            await drop_intent(till, sale)
    return sale


def _totals(till: Till, day: int, at_stripe: Sums) -> dict[str, Any]:
    """The day's books beside Stripe's: the till's own currency in the open, every other one below `currencies`."""
    sales = [sale for sale in till.store.sales_of_day(day) if sale.day == day and sale.outcome == "paid"]
    here: Sums = {}
    for sale in sales:
        _add(here, sale.currency, captured=sale.captured, refunded=till.store.refunded(sale.sale))
    own = till.settings.currency
    captured, refunded = here.get(own, (0, 0))
    stripe_captured, stripe_refunded = at_stripe.get(own, (0, 0))
    return {
        "day": day, "currency": own, "sales": len(sales), "captured": captured, "refunded": refunded,
        "tips": sum(sale.tip for sale in sales if sale.currency == own),
        "stripe": {"captured": stripe_captured, "refunded": stripe_refunded},
        "currencies": {currency: {"captured": both[0], "refunded": both[1]} for currency, both in here.items()},
        "agree": here == at_stripe,
    }
