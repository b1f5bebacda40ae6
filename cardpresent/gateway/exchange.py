"""One request under way: what a fault may do with it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from cardpresent.gateway.call import Call
from cardpresent.gateway.connection import Line
from cardpresent.gateway.outbox import Outbox
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.venue import Answer

Ask = Callable[[Call], Awaitable[Answer]]
Drain = Callable[[], Coroutine[Any, Any, None]]


class Exchange:
    """A till's call between its arrival and its answer.

    `venue_answer` is what Stripe said, if it was asked: the caller may never hear it.
    """

    def __init__(
        self, call: Call, ask: Ask, outbox: Outbox, line: Line, refusals: Refusals, delivered: Drain
    ) -> None:
        self.call = call
        self.refusals = refusals
        self.venue_answer: Answer | None = None
        self._ask = ask
        self._outbox = outbox
        self._line = line
        self._delivered = delivered

    async def ask_venue(self) -> Answer:
        """Put the call to Stripe. What it causes there has happened when this returns."""
        self.venue_answer = await self._ask(self.call)
        return self.venue_answer

    async def hold(self, released: asyncio.Event, delay_s: float | None) -> None:
        """Keep the caller waiting until `released`, or `delay_s` passed, or it hung up. Webhooks are let out meanwhile:
        from Stripe's side the request was answered."""
        await self._hold_for((released.wait, self._line.hung_up), delay_s)

    async def hold_until_delivered(self, released: asyncio.Event, delay_s: float) -> None:
        """The same, but for no longer than it takes the till to answer the deliveries that are under way."""
        await self._hold_for((released.wait, self._line.hung_up, self._delivered), delay_s)

    async def _hold_for(self, ends: Sequence[Callable[[], Coroutine[Any, Any, Any]]], delay_s: float | None) -> None:
        self._outbox.open()
        waits = [asyncio.ensure_future(end()) for end in ends]
        try:
            await asyncio.wait(waits, timeout=delay_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
