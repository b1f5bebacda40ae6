"""A till that nobody looks at: what became of a sale is read at Stripe, and the till is asked nothing."""

from typing import Any

from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import SaleCheck, Stage


def await_money(stage: Stage, sale: Sale) -> None:
    """Wait for the books at Stripe to say that money of this sale was taken, as long as the till may need for that."""
    stage.control("nobody_looks", sale)
    stage.until(lambda: _collected(stage, sale), stage.around.bounds.settle_s)


def judge_unasked(stage: Stage, check: SaleCheck, sale: Sale, *given: Any) -> None:
    """Judge by the books at Stripe before anybody asks the till; where its cashier collects, after that."""
    if stage.around.cashier_captures:
        stage.await_final(sale)
    stage.keep_books(stage.settle())
    stage.judge(check(stage.journal, sale.id, *given))


def _collected(stage: Stage, sale: Sale) -> bool:
    mine = set(sale.payment_intents)
    return any(p["amount_received"] for p in stage.settle().payment_intents if not mine or p["id"] in mine)
