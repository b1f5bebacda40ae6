"""Whether anything is going on between till and Stripe, and waiting until nothing is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stillness:
    """What was going on when it was looked at. Withheld deliveries wait for an actor and do not count as activity;
    deliveries that are merely late do: they come by themselves."""

    quiet: bool
    till_in_flight: int
    deliveries_due: int
    withheld: int
    last_activity_ms: float


class Activity:
    """Counts the till's requests in flight and the deliveries due or under way."""

    def __init__(self, now_ms: Callable[[], float]) -> None:
        self._now_ms = now_ms
        self._withheld: Callable[[], int] = lambda: 0
        self._late: Callable[[], int] = lambda: 0
        self._news_due_s: Callable[[], float] = lambda: 0.0
        self._changed = asyncio.Event()
        self.till_in_flight = 0
        self.deliveries_due = 0
        self.last_activity_ms = 0.0

    def count_held(self, withheld: Callable[[], int], late: Callable[[], int]) -> None:
        """Where to ask for deliveries that faults keep back: until an actor says so, and for a time only."""
        self._withheld, self._late = withheld, late

    def await_news(self, due_s: Callable[[], float]) -> None:
        """Where to ask how long Stripe may still have news of what was done: until then it is not quiet."""
        self._news_due_s = due_s

    async def news_heard(self, timeout_ms: float) -> bool:
        """Return once all news of what was done so far has come, or after `timeout_ms` with False."""
        deadline = self._now_ms() + timeout_ms
        while (due_s := self._news_due_s()) and self._now_ms() < deadline:
            await asyncio.sleep(min(due_s, 0.25))
        return not self._news_due_s()

    def till_began(self) -> None:
        self.till_in_flight += 1
        self._touch()

    def till_ended(self) -> None:
        self.till_in_flight -= 1
        self._touch()

    def delivery_due(self) -> None:
        self.deliveries_due += 1
        self._touch()

    def delivery_done(self) -> None:
        self.deliveries_due -= 1
        self._touch()

    def stirred(self) -> None:
        """Something was done to the till's world, a card presented, say: whatever it does about it is yet to come."""
        self._touch()

    def look(self, quiet_ms: float) -> Stillness:
        due = self.deliveries_due + self._late()
        idle = not self.till_in_flight and not due and self._now_ms() - self.last_activity_ms >= quiet_ms
        still = idle and not self._news_due_s()
        return Stillness(still, self.till_in_flight, due, self._withheld(), self.last_activity_ms)

    async def wait(self, quiet_ms: float, timeout_ms: float) -> Stillness:
        """Return once nothing has gone on for `quiet_ms`, or after `timeout_ms` with quiet False."""
        deadline = self._now_ms() + timeout_ms
        while True:
            seen = self.look(quiet_ms)
            left = deadline - self._now_ms()
            if seen.quiet or left <= 0:
                return seen
            idle = not seen.till_in_flight and not seen.deliveries_due
            still_ms = max(seen.last_activity_ms + quiet_ms - self._now_ms(), self._news_due_s() * 1000)
            until = min(left, still_ms) if idle else left
            self._changed.clear()
            try:
                async with asyncio.timeout(max(until, 0.5) / 1000):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _touch(self) -> None:
        self.last_activity_ms = self._now_ms()
        self._changed.set()
