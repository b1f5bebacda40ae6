"""What a reader shows or asks for, beside payments: as Stripe's books have it, or as its screen does."""

from typing import Any

from cardpresent.actors.stage import Stage


def note_reader(stage: Stage) -> dict[str, Any] | None:
    """Write down what the reader is doing now, once the till is quiet, and return its action.

    What an app or a page has its reader show, Stripe's books know nothing of; it stands on the screen, as a cart of it.
    """
    stage.settle()
    reader = stage.around.stripe.v1.terminal.readers.retrieve(stage.reader).to_dict()
    seen = {name: reader.get(name) for name in ("id", "status", "action")}
    if stage.around.by_sdk and stage.around.emulator is not None:
        seen["cart"] = stage.around.emulator.cart_on(stage.reader)
    stage.around.wire.note("ledger", {"reader": seen}, wire="stripe")
    stage.around.wire.follow()
    action = reader.get("action")
    return dict(action) if action else None
