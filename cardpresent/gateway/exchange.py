"""One request under way: what a fault may do with it."""

import asyncio
from collections.abc import Awaitable, Callable

from cardpresent.gateway.call import Call
from cardpresent.gateway.connection import Line
from cardpresent.gateway.outbox import Outbox
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.venue import Answer

Ask = Callable[[Call], Awaitable[Answer]]


class Exchange:
    """A till's call between its arrival and its answer.

    `venue_answer` is what Stripe said, if it was asked: the caller may never hear it.
    """

    def __init__(self, call: Call, ask: Ask, outbox: Outbox, line: Line, refusals: Refusals) -> None:
        self.call = call
        self.refusals = refusals
        self.venue_answer: Answer | None = None
        self._ask = ask
        self._outbox = outbox
        self._line = line

    async def ask_venue(self) -> Answer:
        """Put the call to Stripe. What it causes there has happened when this returns."""
        self.venue_answer = await self._ask(self.call)
        return self.venue_answer

    async def hold(self, released: asyncio.Event, delay_s: float | None) -> None:
        """Keep the caller waiting until `released`, or `delay_s` passed, or it hung up. Webhooks are let out meanwhile:
        from Stripe's side the request was answered."""
        self._outbox.open()
        waits = [asyncio.ensure_future(released.wait()), asyncio.ensure_future(self._line.hung_up())]
        try:
            await asyncio.wait(waits, timeout=delay_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
