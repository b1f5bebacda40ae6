"""Refunds that need the card again: Interac gives money back at the reader, to the card that paid, and nowhere else.

https://docs.stripe.com/terminal/features/refunds (documented)
"""

from contextlib import suppress
from typing import Any, Literal

from .sale import Refund, Sale
from .stripe_calls import StripeRefund, Trouble
from .till import Till


def needs_card(charge: dict[str, Any] | None) -> bool:
    """Whether the money of this charge can only go back at the reader."""
    details = (charge or {}).get("payment_method_details") or {}
    return bool(details.get("type") == "interac_present")


def waits_for_card(row: Refund) -> bool:
    """The reader asks for the card, as far as the records know."""
    return row.status == "pending" and row.reader is not None and row.refund is None


async def ask_for_card(till: Till, sale: Sale, row: Refund, metadata: dict[str, str], key: str) -> None:
    """Have the reader of the register ask for the card. Raises Trouble; unknown is written down first."""
    reader = till.store.bound_reader(sale.register) or sale.reader
    till.store.update_refund(row.row, status="unknown", reader=reader)
    await till.stripe.refund_on_reader(reader, str(sale.intent), row.amount, metadata, key)
    till.store.update_refund(row.row, status="pending")


async def look(till: Till, sale: Sale, row: Refund) -> StripeRefund | Literal["waiting"] | None:
    """What the reader says of the refund: made, still asking for the card, or neither. Raises Trouble."""
    reader = await till.stripe.read_reader(str(row.reader))
    if reader.action != "refund_payment" or reader.intent != sale.intent:
        return None
    if reader.action_status == "in_progress":
        return "waiting"
    if reader.refund is None:
        return None
    # The reader may still show the refund before this one.
    truth = await till.stripe.read_refund(reader.refund)
    return truth if truth.operation == row.operation else None


async def give_up(till: Till, sale: Sale, row: Refund) -> None:
    """Nobody brought the card in time: the reader stops asking. What it says then decides."""
    with suppress(Trouble):
        if await look(till, sale, row) == "waiting":
            await till.stripe.cancel_action(str(row.reader), f"refund-clear:{sale.sale}:{row.operation}")
