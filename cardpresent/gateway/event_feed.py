"""Events as Stripe lists them, read again and again: in order, each once, and only those of this run.

Documented: newest first, in pages, for 30 days (https://docs.stripe.com/api/events/list). Observed: an event may be
listed a while after the answer to the call that caused it, and after one that is younger. So what was read is read
once more for a while, and how late events come is measured: until that time has passed, more news may be due.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from cardpresent.gateway.made import Made, read
from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import VenueSilent

PAGE: Final = 100
# While something is due, and while nothing is: a long wait at rest leaves the calls to whoever needs them.
EAGER_S: Final = 0.3
IDLE_S: Final = 3.0
# For so long an event may turn up behind a younger one.
REREAD_S: Final = 60.0
# How late events are taken to come before any was measured, and at least and at most afterwards.
AT_FIRST_S: Final = 2.5
LEAST_S: Final = 0.6
MOST_S: Final = 20.0
MEASURED: Final = 5
KEPT: Final = 200

Event = dict[str, Any]


class EventFeed:
    """Reads /v1/events in the background and hands every event of the run to `listener`, oldest first."""

    def __init__(self, upstream: Upstream, made: Made, note: Callable[[dict[str, Any]], None]) -> None:
        self._upstream, self._made, self._note = upstream, made, note
        self._listener: Callable[[Event], None] = lambda event: None
        self._anchor: str | None = None
        self._seen: dict[str, float] = {}
        self._lags: deque[float] = deque(maxlen=KEPT)
        self._asked_at = 0.0
        self._read_at = time.monotonic()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Find where the run begins: nothing that is listed now is its own. Raises VenueSilent."""
        answer = await self._upstream.own("GET", "/v1/events", "limit=1")
        data = _page(answer.body)["data"]
        self._anchor = data[0]["id"] if data else None

    def follow(self, listener: Callable[[Event], None]) -> None:
        """From now on, in the running loop, events go to `listener`."""
        self._listener = listener
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read_on())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def expect(self) -> None:
        """Something was changed at Stripe just now, so there will be news."""
        self._asked_at = time.monotonic()
        self._wanted.set()

    def due_s(self) -> float:
        """How long until all news of what was asked has been heard, as far as can be told; 0: it has."""
        if not self._asked_at:
            return 0.0
        until = self._asked_at + self.lag_s
        return 0.0 if self._read_at >= until else max(until - time.monotonic(), 0.0) + EAGER_S

    @property
    def lag_s(self) -> float:
        """How long after an answer its news may come: half as long again as the longest of late."""
        if len(self._lags) < MEASURED:
            return max([AT_FIRST_S, *(1.5 * lag for lag in self._lags)])
        return min(max(1.5 * max(self._lags) + EAGER_S, LEAST_S), MOST_S)

    # Reading --------------------------------------------------------------------------------------------------------

    async def _read_on(self) -> None:
        while True:
            with suppress(VenueSilent):  # noted already, and tried again
                await self._read()
            pause_s = EAGER_S if self.due_s() else IDLE_S
            self._wanted.clear()
            if pause_s == EAGER_S:
                await asyncio.sleep(EAGER_S)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), pause_s)

    async def _read(self) -> None:
        """All that is newer than the anchor, every page of it; what was not known before is handed on."""
        began = time.monotonic()
        newest_first: list[Event] = []
        cursor = self._anchor
        while True:
            # Pages go up from the anchor; without one, down from the newest.
            turn = f"&ending_before={cursor}" if self._anchor else (f"&starting_after={cursor}" if cursor else "")
            answer = await self._upstream.own("GET", "/v1/events", f"limit={PAGE}{turn}")
            if not answer.executed:
                self._note({"what": "venue_trouble", "why": f"/v1/events answered {answer.status}"})
                return
            page = _page(answer.body)
            data: list[Event] = page["data"]
            newest_first = [*data, *newest_first] if self._anchor else [*newest_first, *data]
            if not data or not page.get("has_more"):
                break
            cursor = data[0 if self._anchor else -1]["id"]
        self._hand_on(newest_first)
        self._read_at = began
        self._move_anchor(newest_first)

    def _hand_on(self, newest_first: list[Event]) -> None:
        now = time.monotonic()
        fresh = [event for event in reversed(newest_first) if event["id"] not in self._seen]
        for event in sorted(fresh, key=lambda event: float(event.get("created", 0))):
            self._seen[event["id"]] = now
            if not self._made.caused(event):
                continue
            answered = self._made.answered_s(event)
            if answered is not None:
                self._lags.append(max(now - answered, 0.0))
            self._listener(event)

    def _move_anchor(self, newest_first: list[Event]) -> None:
        """What has been known for long enough is not read again."""
        old = time.monotonic() - REREAD_S
        for event in reversed(newest_first):
            if self._seen[event["id"]] > old:
                return
            self._anchor = event["id"]


def _page(body: bytes) -> dict[str, Any]:
    page = read(body)
    if page is None or not isinstance(page.get("data"), list):
        raise VenueSilent("GET /v1/events: what came back is no list of events")
    return page
