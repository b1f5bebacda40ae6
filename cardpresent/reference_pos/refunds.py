"""Giving money back: never more than is left, each refund once, and followed until Stripe says how it ended."""

import asyncio
from contextlib import suppress

from . import reader_refunds
from .sale import Refund, Sale
from .stripe_calls import Lost, Refused, StripeRefund, Throttled, Trouble
from .till import Till

UNCERTAIN = ("sending", "unknown")


def refundable(till: Till, sale: Sale) -> int:
    """What can still be given back: captured, less what was refunded, is pending, or may have been."""
    return sale.captured - till.store.refunds_claimed(sale.sale)


def tip_part(sale: Sale, refunded: int) -> int:
    """The part of what went back that was tip: this shop gives the goods back first and the tip last."""
    return max(0, min(sale.tip, refunded - (sale.captured - sale.tip)))


def status_of(row: Refund) -> str:
    """What the cashier is told of a refund: Stripe's status, or that nobody knows yet, or that the card is wanted."""
    if reader_refunds.waits_for_card(row):
        return "waiting"
    return "unknown" if row.status == "sending" else row.status


async def refund(till: Till, sale_id: str, amount: int, operation: str) -> str | None:
    """Refund part of a paid sale; the same operation again is the same refund.

    Returns why not, in the till's word, None when it was asked for: the refund's status says what came of it.
    """
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        known = till.store.refund_by_operation(sale_id, operation)
        if known is not None:
            if known.amount != amount:
                return "refund_changed"
            return await _send(till, sale, known) if known.status in UNCERTAIN else None
        if sale.outcome != "paid" and sale.reason != "mismatch":
            return "refund_not_paid"
        if amount > refundable(till, sale):
            return "refund_too_large"
        till.store.add_refund(sale_id, operation, amount, "sending", None)
        written = till.store.refund_by_operation(sale_id, operation)
        assert written is not None
        return await _send(till, sale, written)


async def _send(till: Till, sale: Sale, row: Refund) -> str | None:
    """Ask Stripe under the operation's own key. Returns why not when Stripe refuses it."""
    key = f"refund:{sale.sale}:{row.operation}:{row.sends}"
    metadata = {"sale": sale.sale, "operation": str(row.operation)}
    intent = str(sale.intent)
    try:
        if reader_refunds.needs_card(await till.stripe.read_charge(intent)):
            await reader_refunds.ask_for_card(till, sale, row, metadata, key)
        else:
            book(till, sale, await till.stripe.create_refund(intent, row.amount, metadata, key))
    except Refused as no:
        till.store.update_refund(row.row, status="failed")
        till.log.line("refund_refused", sale=sale.sale, operation=row.operation, code=no.code, request=no.request)
        return "refund_refused"
    except (Lost, Throttled) as trouble:
        till.store.update_refund(row.row, status="unknown")
        await _renew_key(till, sale, row, trouble)
    follow_refunds(till, sale.sale)
    return None


async def _renew_key(till: Till, sale: Sale, row: Refund, trouble: Trouble) -> None:
    """Stripe keeps a 500 under its key for good. Once its books show no such refund, the next asking is a new one."""
    with suppress(Trouble):
        if trouble.replayed and not await _found(till, sale, row):
            till.store.update_refund(row.row, sends=row.sends + 1)


async def _found(till: Till, sale: Sale, row: Refund) -> bool:
    """Look for the refund among those Stripe has of this payment, and take its state over. Raises Trouble."""
    for truth in await till.stripe.refunds_of(str(sale.intent)):
        if truth.operation == row.operation or truth.id == row.refund:
            book(till, sale, truth)
            return True
    return False


def known(till: Till, sale: Sale, truth: StripeRefund) -> bool:
    """Whether the books have this refund already, by the till's own id or by Stripe's."""
    asked = till.store.refund_by_operation(sale.sale, truth.operation) if truth.operation else None
    return asked is not None or till.store.refund_by_stripe_id(truth.id) is not None


def book(till: Till, sale: Sale, truth: StripeRefund) -> None:
    """Write down a refund as Stripe has it. One that this till did not ask for is added, once for its id."""
    row = till.store.refund_by_operation(sale.sale, truth.operation) if truth.operation else None
    row = row or till.store.refund_by_stripe_id(truth.id)
    with till.store.transaction():
        if row is not None:
            till.store.update_refund(row.row, status=truth.status, amount=truth.amount, refund=truth.id)
        elif till.store.first_time(f"refund.created:{truth.id}", till.clock.now()):
            till.store.add_refund(sale.sale, None, truth.amount, truth.status, truth.id)
    till.log.line("refund", sale=sale.sale, refund=truth.id, status=truth.status, amount=truth.amount)


def book_new(till: Till, sale: Sale, truth: StripeRefund) -> None:
    """Write down a refund whose creation is heard of for the first time: the caller has just taken that fact."""
    row = till.store.refund_by_operation(sale.sale, truth.operation) if truth.operation else None
    if row is not None:
        till.store.update_refund(row.row, status=truth.status, amount=truth.amount, refund=truth.id)
    else:
        till.store.add_refund(sale.sale, None, truth.amount, truth.status, truth.id)
    till.log.line("refund", sale=sale.sale, refund=truth.id, status=truth.status, amount=truth.amount)


def follow_refunds(till: Till, sale_id: str) -> None:
    """Go on asking about refunds that are not known yet, or that wait for a card at the reader."""
    name = f"refunds of {sale_id}"
    if name not in till.news and _asking(till, sale_id):
        till.news[name] = asyncio.Event()
        till.spawn(_follow(till, sale_id, name))


def _asking(till: Till, sale_id: str) -> list[Refund]:
    return [row for row in till.store.refunds(sale_id)
            if row.status in UNCERTAIN or (row.status == "pending" and row.reader is not None)]


async def _follow(till: Till, sale_id: str, name: str) -> None:
    pause_s, until = till.settings.retry_s, till.clock.now() + till.settings.deadline_s
    try:
        while _asking(till, sale_id):
            news = till.news[name]
            news.clear()
            at_reader = [row for row in till.store.refunds(sale_id) if reader_refunds.waits_for_card(row)]
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), timeout=till.settings.poll_s if at_reader else pause_s)
            pause_s = min(pause_s * 2, till.settings.retry_max_s)
            if at_reader and till.clock.now() >= until:
                for row in at_reader:
                    await reader_refunds.give_up(till, till.store.sale(sale_id), row)
            await resolve_refunds(till, sale_id)
    finally:
        till.news.pop(name, None)


async def resolve_refunds(till: Till, sale_id: str) -> None:
    """Bring every unfinished refund of a sale to what Stripe says of it now, as far as Stripe answers."""
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        for row in till.store.refunds(sale_id):
            if row.status not in (*UNCERTAIN, "pending", "requires_action"):
                continue
            with suppress(Trouble):
                await _resolve(till, sale, row)


async def _resolve(till: Till, sale: Sale, row: Refund) -> None:
    if row.refund is not None:
        book(till, sale, await till.stripe.read_refund(row.refund))
    elif row.reader is not None:
        await _resolve_at_reader(till, sale, row)
    elif not await _found(till, sale, row):
        await _send(till, sale, row)


async def _resolve_at_reader(till: Till, sale: Sale, row: Refund) -> None:
    seen = await reader_refunds.look(till, sale, row)
    if seen == "waiting":
        till.store.update_refund(row.row, status="pending")
    elif seen is not None:
        book(till, sale, seen)
    elif not await _found(till, sale, row):
        till.store.update_refund(row.row, status="failed")
        till.log.line("refund_not_made", sale=sale.sale, operation=row.operation, reader=row.reader)


async def hear(till: Till, sale: Sale, refund_id: str, fact: str, *, created: bool) -> None:
    """An event says that a refund changed: read it, and write it down together with the fact. Raises Trouble."""
    truth = await till.stripe.read_refund(refund_id)
    with till.store.transaction():
        if not till.store.first_time(fact, till.clock.now()):
            return
        if created:
            book_new(till, sale, truth)
        else:
            book(till, sale, truth)
