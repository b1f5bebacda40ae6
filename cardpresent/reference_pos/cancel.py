"""Taking a payment back: the reader first, then the PaymentIntent, and Stripe's word for what came of it."""

from typing import Literal

from .sale import Attempt, Sale
from .stripe_calls import Intent, Refused, Trouble
from .till import Till


async def cancel_payment(till: Till, sale: Sale) -> Intent | None:
    """Cancel the sale's payment; its lock is held. Returns the PaymentIntent as it is afterwards.

    None when the card is being authorized: a cancellation then is refused by the reader, and the bank's answer has to
    be awaited. Raises Trouble when Stripe's answer is not known.
    """
    attempt = till.store.attempt(sale.sale)
    if attempt is not None:
        cleared = await clear_reader(till, sale, attempt)
        if cleared == "busy":
            till.show(sale, "waiting", "authorizing")
            return None
    # A reader that cannot be reached may still ask for a card, but a cancelled PaymentIntent cannot be paid.
    return await drop_intent(till, sale)


async def clear_reader(till: Till, sale: Sale, attempt: Attempt) -> Literal["clear", "busy", "unreachable"]:
    """Stop the reader asking for this sale's card. Another payment's action is never touched."""
    try:
        reader = await till.stripe.read_reader(attempt.reader)
        if reader.action_status == "in_progress" and not reader.collecting(str(sale.intent)):
            return "clear"
        if reader.action_status != "in_progress" and attempt.phase == "sent" and not reader.holds_card_for(
            str(sale.intent)
        ):
            return "clear"
        number = till.store.update(sale.sale, cancel_n=sale.cancel_n + 1).cancel_n
        await till.stripe.cancel_action(attempt.reader, f"clear:{sale.sale}:{attempt.number}:{number}")
    except Refused as no:
        if no.code == "terminal_reader_busy":
            return "busy"
        return "clear" if no.code == "resource_missing" else "unreachable"
    except Trouble:
        return "unreachable"
    return "clear"


async def drop_intent(till: Till, sale: Sale) -> Intent:
    """Cancel the PaymentIntent if it still can be, and read what it is now. Raises Trouble."""
    intent = str(sale.intent)
    try:
        return await till.stripe.cancel_intent(intent, f"cancel:{sale.sale}:{till.store.sale(sale.sale).cancel_n}")
    except Refused:
        # The refusal is stored under its key; the next wish to cancel is a new operation.
        till.store.update(sale.sale, cancel_n=till.store.sale(sale.sale).cancel_n + 1)
        return await till.stripe.read_intent(intent)
