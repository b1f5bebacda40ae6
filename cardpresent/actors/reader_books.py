"""What a reader shows or asks for, beside payments, as Stripe's books have it."""

from typing import Any

from cardpresent.actors.stage import Stage


def note_reader(stage: Stage) -> dict[str, Any] | None:
    """Write down what the reader is doing now, once the till is quiet, and return its action."""
    stage.settle()
    reader = stage.around.stripe.v1.terminal.readers.retrieve(stage.reader).to_dict()
    data = {"reader": {name: reader.get(name) for name in ("id", "status", "action")}}
    stage.around.wire.note("ledger", data, wire="stripe")
    stage.around.wire.follow()
    action = reader.get("action")
    return dict(action) if action else None
