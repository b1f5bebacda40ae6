"""Customers as Locust users: they come when they come, whether or not the till is done with those before.

Locust's own waiting times are a closed model: a user waits for its answer, so a till that stalls is asked less, and the
stall is one slow request. Here one user a process lets a payment begin at every arrival and measures from the moment
in which the customer came.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import gevent
from gevent.pool import Pool
from gevent.queue import Queue
from locust import FastHttpUser, constant, task
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_STOPPING

from cardpresent.drivers.pos.contract import CheckedPos
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.wire import Wire
from cardpresent.loadgen.arrivals import Arrival, arrivals
from cardpresent.loadgen.brief import Brief, Lane
from cardpresent.loadgen.hand import Hand
from cardpresent.loadgen.payment import Desk, End, Payment, in_steps
from cardpresent.loadgen.scribe import Scribe
from cardpresent.loadgen.transport import LocustTransport
from cardpresent.model.money import Money
from cardpresent.profile import Integration, load

END_TO_END: Final = "payment end-to-end"
STEP: Final = "step"
# How long a moment of waiting is, so that an end is noticed.
LOOK_S: Final = 0.1
AT_ONCE: Final = 2_000


@dataclass(slots=True)
class Tally:
    """What one process has to tell: counts so far, and the payments that ended since it was last asked.

    `there`: customers who have come and not gone, with the moment of each.
    """

    started: int = 0
    finished: int = 0
    waiting: int = 0
    ended: deque[list[Any]] = field(default_factory=deque)
    there: dict[int, tuple[Arrival, float]] = field(default_factory=dict)
    over: bool = False
    trouble: str | None = None

    def told(self) -> dict[str, Any]:
        """Everything, and the ended ones once."""
        ended = [self.ended.popleft() for _ in range(len(self.ended))]
        return {"started": self.started, "finished": self.finished, "waiting": self.waiting, "ended": ended,
                "over": self.over, "trouble": self.trouble}  # fmt: skip

    def leaves_unserved(self, now_s: float) -> None:
        """Those who are still there have waited at least so long, and in vain: left out, they would make a till that
        serves nobody a fast one."""
        for arrival, came_s in self.there.values():
            waited_ms = round((now_s - came_s) * 1000, 1)
            self.ended.append(
                [round(arrival.at_s, 3), waited_ms, "unsettled", f"{arrival.kind}: still there when the run ended"]
            )
        self.there.clear()


@dataclass(slots=True)
class Share:
    """What this process is to drive; `here` is set once it knows. `on_begin` is called before the first customer.

    `closing`: nobody else comes, who stands at a reader is served, and who waits for a lane leaves.
    """

    brief: Brief | None = None
    number: int = 0
    here: threading.Event = field(default_factory=threading.Event)
    taken: bool = False
    closing: bool = False
    on_begin: Callable[[], None] = lambda: None

    def given(self, brief: Brief, number: int) -> None:
        self.brief, self.number = brief, number
        self.here.set()


SHARE: Final = Share()
TALLY: Final = Tally()


class Customers(FastHttpUser):
    """The one user of a process. Where Locust makes a second one, it has nothing to do."""

    wait_time = constant(0)
    host = "http://till.invalid"
    concurrency = AT_ONCE
    network_timeout = 30.0
    connection_timeout = 30.0

    @task
    def come(self) -> None:
        """Let everybody come, wait until the last one has gone, and say so."""
        while not SHARE.here.wait(LOOK_S):
            self._stop_if_told()
        if SHARE.brief is not None and not SHARE.taken:
            SHARE.taken = True
            try:
                self._take_all(SHARE.brief, SHARE.number)
            except Exception as trouble:
                TALLY.trouble = f"{type(trouble).__name__}: {trouble}"
            TALLY.over = True
        self._idle()

    def _take_all(self, brief: Brief, share: int) -> None:
        shop = Shop(self, brief, share)
        payments = Pool(AT_ONCE)
        try:
            begun = time.monotonic()
            SHARE.on_begin()
            stream = arrivals(
                brief.seed, brief.per_s, brief.duration_s, brief.mix, brief.phases, share, brief.shares
            )  # fmt: skip
            for arrival in stream:
                if not self._waits_until(begun + arrival.at_s) or shop.scribe.trouble:
                    break
                TALLY.started += 1
                TALLY.there[arrival.number] = arrival, begun + arrival.at_s
                payments.spawn(shop.serves, arrival, begun + arrival.at_s)
            payments.join()
        finally:
            TALLY.leaves_unserved(time.monotonic())
            shop.close()

    def _waits_until(self, moment: float) -> bool:
        """False when nobody else is to come."""
        while (left := moment - time.monotonic()) > 0 and not SHARE.closing:
            self._stop_if_told()
            gevent.sleep(min(left, LOOK_S))
        return not SHARE.closing

    def _stop_if_told(self) -> None:
        if self._state == LOCUST_STATE_STOPPING:
            raise StopUser

    def _idle(self) -> None:
        while True:
            self._stop_if_told()
            gevent.sleep(LOOK_S)


class Shop:
    """The lanes of one share, and what payments at them need."""

    def __init__(self, user: Customers, brief: Brief, share: int) -> None:
        integration = load(brief.file, brief.venue)
        door = brief.suite_door(integration.stripe.gateway_ca)
        self._brief, self._share = brief, share
        self._events = user.environment.events
        self._prices = integration.prices
        self._wire = Wire(door)
        self.scribe = Scribe(self._wire)
        self._hand = Hand(door, brief.key, brief.account)
        self._desk = self._made(integration, LocustTransport(user.client, integration.timing.answer_within_s))
        self._free: Queue[Lane] = Queue()
        for lane in brief.lanes_of(share):
            self._free.put(lane)

    def _made(self, integration: Integration, transport: LocustTransport) -> Desk:
        brief = self._brief
        pos = HttpPos(integration, brief.till, brief.values, transport=transport)
        blocks = frozenset(verb for verb, operation in integration.operations.items() if operation.blocks)
        return Desk(
            CheckedPos(pos), self._hand, self.scribe, brief.patience, brief.secrets,
            integration.till.captures == "cashier", blocks, self._record, transport.named,
        )  # fmt: skip

    def close(self) -> None:
        self.scribe.close()
        self._hand.close()
        with suppress(Exception):
            self._wire.__exit__(None, None, None)

    def serves(self, arrival: Arrival, came_s: float) -> None:
        """One customer, from the moment they came: a queue for a lane is part of what they wait."""
        TALLY.waiting += 1
        lane = self._free.get()
        TALLY.waiting -= 1
        if SHARE.closing:
            # Nobody had begun to serve them.
            self._free.put(lane)
            TALLY.started -= 1
            del TALLY.there[arrival.number]
            return
        try:
            end = self._payment(arrival, lane).take()
        except Exception as trouble:
            TALLY.trouble = TALLY.trouble or f"{type(trouble).__name__}: {trouble}"
            end = End("unsettled", f"{arrival.kind}: {type(trouble).__name__}: {trouble}")
        finally:
            self._free.put(lane)
        lasted_ms = max(0.0, (time.monotonic() - came_s - end.waited_s) * 1000)
        self._record(END_TO_END, lasted_ms, end.problem, "payment")
        TALLY.finished += 1
        TALLY.there.pop(arrival.number, None)
        TALLY.ended.append([round(arrival.at_s, 3), round(lasted_ms, 1), end.word, end.problem])

    def _payment(self, arrival: Arrival, lane: Lane) -> Payment:
        amount = self._prices.usual(arrival.cents)
        sale = f"LD-{self._brief.salt}-{self._share + 1}-{arrival.number}"
        return Payment(self._desk, lane, arrival, sale, amount, _tip(amount, arrival))

    def _record(self, name: str, ms: float, problem: str | None, kind: str = STEP) -> None:
        failure = None if problem is None else RuntimeError(problem)
        self._events.request.fire(
            request_type=kind, name=name, response_time=ms, response_length=0, exception=failure, context={}
        )


def _tip(amount: Money, arrival: Arrival) -> Money:
    """In whole dimes, as the amount is: the sum must not end in what a simulated bank declines."""
    if arrival.kind != "tip":
        return Money.zero(amount.currency)
    return in_steps(Money(amount.minor_units * arrival.tip_percent // 100, amount.currency))
