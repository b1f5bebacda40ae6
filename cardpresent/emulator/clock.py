"""Time in the emulator: one wall clock, and one offset for each account.

Account time is the wall clock plus an offset that only grows. What is to happen later (an authorization lapsing, a
refund coming back) waits in the account's agenda and runs when account time passes it: on a tick, never on a read.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Final, Protocol

TICK_S_MAX: Final = 60.0


class Clock(Protocol):
    """Unix time in seconds, as a float."""

    def now(self) -> float: ...


class WallClock:
    """The machine's clock."""

    now = staticmethod(time.time)


class FrozenClock:
    """A clock that moves only when told to, for the emulator's own tests."""

    def __init__(self, at: float = 1_790_000_000.0) -> None:
        self._at = at

    def now(self) -> float:
        return self._at

    def advance(self, s: float) -> None:
        self._at += s


class HeldClock:
    """Another clock that can be held: while it is, one input has one time, when it came and when it is given again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: float | None = None

    def now(self) -> float:
        return self._clock.now() if self._at is None else self._at

    def hold(self, at: float | None = None) -> float:
        """Stops at `at`, or now, until `release`; returns that time."""
        self._at = self._clock.now() if at is None else at
        return self._at

    def release(self) -> None:
        self._at = None


class AccountClock:
    """One account's time and agenda. Seconds are whole, except in `now_ms`.

    `on_timer` is called when the wall clock has reached what is due; it has to lead to `tick`.
    """

    __slots__ = ("_agenda", "_entered", "_timer", "_wall", "offset_s", "on_timer")

    def __init__(self, wall: Clock) -> None:
        self._wall = wall
        self.on_timer: Callable[[], None] = self.tick
        self.offset_s = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._entered = 0
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> int:
        return int(self._wall.now()) + self.offset_s

    def now_ms(self) -> int:
        return int(self._wall.now() * 1000) + self.offset_s * 1000

    def at(self, due: int, what: Callable[[], None]) -> None:
        """Runs `what` once account time has reached `due`; what is due first runs first."""
        self._entered += 1
        heapq.heappush(self._agenda, (due, self._entered, what))
        self.arm()

    def advance(self, s: int) -> None:
        """Moves account time forward by `s` seconds, stopping at everything due on the way."""
        target = self.now() + s
        while self._agenda and self._agenda[0][0] <= target:
            due, _, what = heapq.heappop(self._agenda)
            self.offset_s += max(0, due - self.now())
            what()
        self.offset_s += max(0, target - self.now())
        self.arm()

    def tick(self) -> None:
        """Runs what has come due because the wall clock moved."""
        self.advance(0)

    def close(self) -> None:
        self._agenda.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def is_due(self) -> bool:
        """Whether anything is waiting that account time has reached."""
        return bool(self._agenda) and self._agenda[0][0] <= self.now()

    def arm(self) -> None:
        """Sets the timer for what is due next, where an event loop runs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._agenda:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no server runs: whoever holds the clock ticks it
        wait_s = min(max(self._agenda[0][0] - self._wall.now() - self.offset_s, 0.05), TICK_S_MAX)
        self._timer = loop.call_later(wait_s, self.on_timer)


async def wait_ms(ms: float) -> None:
    """The time Stripe takes to answer, where an account asked for it."""
    await asyncio.sleep(ms / 1000)
