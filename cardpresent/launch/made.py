"""The PaymentIntents that the till under test has made at Stripe, as they passed the gateway."""

import threading
from typing import Final

from cardpresent.drivers.wire import Wire
from cardpresent.model.entry import Entry

# A till may answer a moment before the end of its call to Stripe is written down.
WRITTEN_WITHIN_MS: Final = 2_000
LOOK_MS: Final = 50


class MadeByTill:
    """PaymentsMade from the gateway's journal: only calls of this till count, whatever else the account holds.

    It follows the journal on a line of its own, so that it may be asked while the stage waits on the other.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = threading.Lock()

    def mark(self) -> int:
        with self._lock:
            self._wire.follow()
            return self._wire.journal.last_n

    def since(self, mark: int) -> list[str] | None:
        """Oldest first. None while a creation is under way that nobody knows the end of: any id would be a guess."""
        with self._lock:
            for _ in range(WRITTEN_WITHIN_MS // LOOK_MS):
                self._wire.follow(wait_ms=0)
                journal = self._wire.journal.since(mark)
                asked = journal.till_requests("payment_intent.create")
                replies = [journal.reply_to(request) for request in asked]
                if None not in replies:
                    return list(dict.fromkeys(made for reply in replies if (made := _made(reply))))
                self._wire.follow(wait_ms=LOOK_MS)
            return None


def _made(reply: Entry | None) -> str | None:
    body = reply.data.get("body") if reply is not None else None
    created = isinstance(body, dict) and body.get("object") == "payment_intent"
    return str(body["id"]) if created and isinstance(body, dict) else None
