"""Webhooks wait until the request that caused them was answered.

Stripe delivers in the background. If a delivery could overtake the answer, a till that holds a lock while it waits for
Stripe and takes the same lock in its webhook route would be stopped by us, not by its own fault.
"""

from collections.abc import Callable
from contextvars import ContextVar


class Outbox:
    """Deliveries caused by one request, kept in order until `open`; what comes later passes through at once."""

    def __init__(self) -> None:
        self._kept: list[Callable[[], None]] = []
        self._open = False

    def put(self, deliver: Callable[[], None]) -> None:
        if self._open:
            deliver()
        else:
            self._kept.append(deliver)

    def open(self) -> None:
        """Let everything out, in the order it came."""
        self._open = True
        kept, self._kept = self._kept, []
        for deliver in kept:
            deliver()


# Set for the task that answers a request; the venue's events arrive in that task.
current: ContextVar[Outbox | None] = ContextVar("cardpresent_outbox", default=None)
