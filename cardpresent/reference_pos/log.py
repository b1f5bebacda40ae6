"""One line of JSON on stdout for each thing that happened, made of allowed fields only."""

import json
import sys
from typing import Final

# What may be written down. Everything else, whole objects above all, stays out: a card holder's name or a
# client secret that is never named here cannot leak by a careless call.
ALLOWED: Final = frozenset((
    "sale", "outcome", "reason", "amount", "currency", "register", "reader", "intent", "refund", "operation", "attempt",
    "code", "status", "request", "event", "type", "fact", "error", "where", "port", "count",
))


class Log:
    """Writes events to stdout. Values are short texts and numbers; unknown field names are dropped."""

    def line(self, what: str, **fields: str | int | float | bool | None) -> None:
        kept = {name: value for name, value in fields.items() if name in ALLOWED and value is not None}
        sys.stdout.write(json.dumps({"what": what, **kept}) + "\n")
        sys.stdout.flush()
