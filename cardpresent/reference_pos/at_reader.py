"""What a reader is busy with before a sale is sent to it, and how its screen is cleared."""

from .sale import Sale
from .stripe_calls import PAYING, Intent, Reader, Refused, Trouble
from .till import Till


def taken(till: Till, sale: Sale, reader: Reader) -> bool:
    """Somebody else's payment is on the reader. Stripe would let ours replace it; the till does not."""
    if reader.action_status != "in_progress" or reader.action == "set_reader_display" or reader.intent == sale.intent:
        return False
    other = till.store.sale_of_intent(reader.intent) if reader.intent else None
    if other is None or reader.action not in PAYING:
        return True
    return till.store.attempt(other.sale) is not None


async def reader_has(till: Till, sale: Sale, intent: Intent) -> bool:
    """A time-out may be a false alarm: the reader can have the command although it did not say so in time."""
    try:
        return (await till.stripe.read_reader(sale.reader)).collecting(intent.id)
    except Trouble:
        return False


async def clear_display(till: Till, reader: str) -> None:
    """Bring a reader that shows a cart back to its own screen. Raises Trouble."""
    if (await till.stripe.read_reader(reader)).action != "set_reader_display":
        return
    try:
        await till.stripe.cancel_action(reader, f"display:{reader}:{till.clock.now()}")
    except Refused as no:
        if no.code != "resource_missing":
            raise
