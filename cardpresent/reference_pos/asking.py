"""How a request reaches its till, and what an answer says: shared by every file that has routes."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import refunds
from .bodies import json_object
from .sale import Sale
from .sessions import OWN_SHOP, shop_of
from .till import Till
from .words import REFUSAL, next_step, refund_words, words

T = TypeVar("T")


def till_of(request: Request) -> Till:
    till: Till = request.app.state.till
    return till


async def within(till: Till, work: Coroutine[Any, Any, T]) -> T | None:
    """Let the work go on by itself and answer with what is known after `answer_s`; None when it is not done by then."""
    task = till.spawn(work)
    done, _ = await asyncio.wait({task}, timeout=till.settings.answer_s)
    return task.result() if done else None


async def body_of(request: Request) -> dict[str, Any]:
    """Raises BadRequest."""
    return json_object(await request.body())


# What an answer says


def told(till: Till, sale: Sale) -> dict[str, Any]:
    """The sale as the cashier sees it. Amounts in minor units."""
    attempt = till.store.attempt(sale.sale)
    refunded_rows = [
        {"id": row.id, "amount": row.amount, "status": refunds.status_of(row),
         "words": refund_words(refunds.status_of(row), row.amount, sale.currency)}
        for row in till.store.refunds(sale.sale)
    ]
    return {
        "sale": sale.sale, "outcome": sale.outcome, "words": words(sale), "amount": sale.amount, "tip": sale.tip,
        "currency": sale.currency, "approved": sale.approved, "captured": sale.captured,
        "refunded": till.store.refunded(sale.sale), "refundable": max(0, refunds.refundable(till, sale)),
        "tip_refunded": refunds.tip_part(sale, till.store.refunded(sale.sale)),
        "refunds": refunded_rows, "payment_intent": sale.intent, "register": sale.register, "reader": sale.reader,
        "capture": sale.capture, "closed": sale.closed, "next": next_step(sale),
        "reference": sale.intent or sale.sale,
        "receipts_queued": till.store.queued(sale.sale, "receipt"),
        "seconds_left": round(max(0.0, attempt.deadline - till.clock.now())) if attempt else None,
    }


def answer(till: Till, sale: Sale) -> Response:
    return JSONResponse(told(till, till.store.sale(sale.sale)))


def refuse(till: Till, why: str, sale: Sale | None = None, status: int = 409) -> Response:
    """The till will not: why in its own word and in a sentence, with the sale as it stands."""
    standing = told(till, till.store.sale(sale.sale)) if sale else {}
    return JSONResponse({**standing, "error": why, "words": REFUSAL[why]}, status)


def in_shop(till: Till, sale: str, shop: str) -> bool:
    """Whether a sale is this shop's; what nobody put down for another shop is the till's own."""
    rows = till.store.run("SELECT shop FROM sale_shops WHERE sale = ?", sale)
    return (str(rows[0][0]) if rows else OWN_SHOP) == shop


def sale_of(request: Request) -> Sale:
    """The sale that a path names, of the asker's own shop. Raises HTTPException 404 for anybody else's, too."""
    till = till_of(request)
    sale = till.store.find_sale(request.path_params["sale"])
    if sale is None or not in_shop(till, sale.sale, shop_of(request)):
        raise HTTPException(404, "There is no such sale at this till.")
    return sale
