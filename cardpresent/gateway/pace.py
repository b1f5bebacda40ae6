"""Turns at Stripe: no more calls a second than a sandbox takes, and the till's before anybody else's."""

import asyncio
import heapq
import itertools
import time
from typing import Final

# Documented: a sandbox takes 25 requests a second in all (https://docs.stripe.com/rate-limits). Whoever shares the
# account needs some of them, and a burst counts into the same second.
PER_SECOND: Final = 18.0
BURST: Final = 6

TILL: Final = 0
SUITE: Final = 1
OWN: Final = 2


class Pace:
    """Lets `per_second` calls through and as many as `burst` at once; the lowest rank goes first."""

    def __init__(self, per_second: float = PER_SECOND, burst: int = BURST) -> None:
        self._per_second, self._burst = per_second, burst
        self._tokens, self._counted_at = float(burst), time.monotonic()
        self._held_until = 0.0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, rank: int) -> None:
        """Return when it is this caller's turn."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (rank, next(self._numbers), turn))
        self._let_through()
        await turn

    def hold(self, seconds: float) -> None:
        """Stripe has had enough for now: nobody gets a turn for so long."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    def _let_through(self) -> None:
        now = time.monotonic()
        self._tokens = min(float(self._burst), self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        while self._waiting and self._tokens >= 1 and now >= self._held_until:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._tokens -= 1
                turn.set_result(None)
        if self._waiting:
            next_s = max((1 - self._tokens) / self._per_second, self._held_until - now, 0.001)
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(next_s, self._let_through)
