"""The faults that are armed, and which one a call or a delivery meets."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

from cardpresent.gateway.call import Call
from cardpresent.gateway.delivery import Delivery, type_matches
from cardpresent.gateway.faults.registry import AnyTransport, AnyWebhook, UnknownFault, make_fault
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.faults.webhook import Held, Later, Send
from cardpresent.gateway.operations import OPERATIONS, STEPS

Note = Callable[[dict[str, Any]], None]
KNOWN: Final = OPERATIONS | STEPS.keys()


class Armed:
    """One fault and its window: what it matches, how often it may fire, how often it did.

    `count` bounds the attempts (or deliveries) it fires on; None leaves it open until released. A sticky fault counts
    calls instead, 1 unless told otherwise: whoever matches first is faulted together with all repetitions of that same
    call, and nothing else is. `every` lets calls pass: of those that match it fires on the first, and on each `every`th
    after that. `chance` lets them pass, too: whether it fires on one that matches is drawn anew for each from `rng`.
    """

    def __init__(
        self,
        id: str,
        fault: AnyTransport | AnyWebhook,
        operation: str | None,
        object_id: str | None,
        count: int | None,
        sticky: bool,
        every: int,
        chance: float | None,
        rng: random.Random,
    ) -> None:
        self.id = id
        self.fault = fault
        self.operation = operation
        self.object_id = object_id
        self.count = 1 if sticky and count is None else count
        self.sticky = sticky
        self.every = every
        self.chance = chance
        self.fired = 0
        self.released = asyncio.Event()
        self.held = Held()
        self._rng = rng
        self._used = 0
        self._matched = 0
        self._calls: set[tuple[str, str | None, str]] = set()

    @property
    def open(self) -> bool:
        """Whether it can still fire."""
        return not self.released.is_set() and (not self._counted_out or bool(self._calls))

    def meets_call(self, call: Call) -> bool:
        """Whether this attempt is faulted; counts it if so."""
        if self.released.is_set() or not isinstance(self.fault, Parameters):
            return False
        if self.sticky and call.identity in self._calls:
            self.fired += 1
            return True
        if self._counted_out or not self._covers(call):
            return False
        if self._lets_pass():
            return False
        if self.sticky:
            self._calls.add(call.identity)
        self._fire()
        return True

    def meets_delivery(self, delivery: Delivery) -> bool:
        """Whether this delivery is faulted; counts it if so."""
        if self.released.is_set() or self._counted_out or isinstance(self.fault, Parameters):
            return False
        if not type_matches(delivery.type, self.fault.types):
            return False
        if self.object_id is not None and self.object_id.encode() not in delivery.body:
            return False
        if self._lets_pass():
            return False
        self._fire()
        return True

    def record(self) -> dict[str, Any]:
        """The fault as the actor sees it."""
        return {
            "id": self.id,
            "fault": self.fault.name,
            "operation": self.operation,
            "object": self.object_id,
            "count": self.count,
            "sticky": self.sticky,
            "every": self.every,
            "chance": self.chance,
            **self.fault.described(),
            "fired": self.fired,
            "held": len(self.held),
            "open": self.open,
        }

    def _is_about(self, operation: str) -> bool:
        return self.operation in (None, "*", operation) or operation in STEPS.get(str(self.operation), ())

    @property
    def _counted_out(self) -> bool:
        return self.count is not None and self._used >= self.count

    def _lets_pass(self) -> bool:
        """Whether one that matches is spared, by its turn or by lot."""
        self._matched += 1
        if self.chance is not None:
            return self._rng.random() >= self.chance
        return bool((self._matched - 1) % self.every)

    def _fire(self) -> None:
        self.fired += 1
        self._used += 1

    def _covers(self, call: Call) -> bool:
        assert isinstance(self.fault, Parameters)
        if self.fault.operations is not None and call.operation not in self.fault.operations:
            return False
        if not self.fault.every_operation and not self._is_about(call.operation):
            return False
        return self.object_id is None or call.mentions(self.object_id)


class FaultEngine:
    """Arms, matches and releases. A call or a delivery meets the first armed fault that fires on it: what one lets pass
    is offered to the next. What is drawn by lot follows from `seed` and the fault's id, so that a run can be replayed
    as far as its calls come in the same order."""

    def __init__(self, note: Note, send: Send, later: Later, seed: int) -> None:
        self._note = note
        self._send = send
        self._later = later
        self._seed = seed
        self._armed: dict[str, Armed] = {}
        self._standing: dict[str, Armed] = {}  # those not released: a schedule may arm hundreds, one after the other
        self._made = 0

    def arm(self, asked: dict[str, Any]) -> Armed:
        """Arm {"fault", "operation", "object", "count", "sticky", "every", "chance", …parameters}. Raises
        UnknownFault."""
        rest = dict(asked)
        name = rest.pop("fault", None)
        operation, object_id = rest.pop("operation", None), rest.pop("object", None)
        count, sticky = rest.pop("count", None), rest.pop("sticky", False)
        every, chance = rest.pop("every", None), rest.pop("chance", None)
        if not isinstance(name, str):
            raise UnknownFault('a fault needs its name: {"fault": "answer_lost", …}')
        if operation not in (None, "*") and (not isinstance(operation, str) or operation not in KNOWN):
            raise UnknownFault(f'no operation is called "{operation}"; they are named like payment_intent.capture')
        if object_id is not None and not isinstance(object_id, str):
            raise UnknownFault("object is the id of a Stripe object, or null")
        if count is not None and (type(count) is not int or count < 1):
            raise UnknownFault("count is a whole number from 1, or null for no limit")
        if not isinstance(sticky, bool):
            raise UnknownFault("sticky is true or false")
        _check_share(every, chance)
        fault = make_fault(name, rest)
        if sticky and not isinstance(fault, Parameters):
            raise UnknownFault(f"{name}: only faults between till and Stripe can be sticky")
        if every not in (None, 1) and not isinstance(fault, Parameters):
            raise UnknownFault(f"{name}: only faults between till and Stripe can count their calls; use chance")
        self._made += 1
        id = f"f{self._made}"
        rng = random.Random(f"fault {self._seed} {id}")
        armed = Armed(id, fault, operation, object_id, count, sticky, every or 1, chance, rng)
        self._armed[id] = self._standing[id] = armed
        self._note({"what": "fault_armed", **_noted(armed)})
        return armed

    def for_call(self, call: Call, request: int) -> tuple[AnyTransport, asyncio.Event] | None:
        """The fault this attempt of the till meets, with its release; `request` is the attempt's journal number."""
        for armed in self._standing.values():
            fault = armed.fault
            if isinstance(fault, Parameters) and armed.meets_call(call):
                self._note({"what": "fault_fired", **_noted(armed), "request": request, "met": call.operation})
                return fault, armed.released
        return None

    def for_delivery(self, delivery: Delivery) -> bool:
        """Hand a delivery that has just become due to the fault it meets; False when it meets none."""
        for armed in self._standing.values():
            fault = armed.fault
            if not isinstance(fault, Parameters) and armed.meets_delivery(delivery):
                self._note({"what": "fault_fired", **_noted(armed), "event": delivery.event, "met": delivery.type})
                fault.take(delivery, armed.held, self._send, self._later)
                return True
        return False

    def release(self, id: str) -> Armed | None:
        """Withdraw one fault: held answers go out, withheld deliveries are made. None when there is no such fault."""
        armed = self._armed.get(id)
        if armed is not None and not armed.released.is_set():
            armed.released.set()
            del self._standing[id]
            if not isinstance(armed.fault, Parameters):
                armed.fault.release(armed.held, self._send)
            self._note({"what": "fault_released", **_noted(armed)})
        return armed

    def release_all(self) -> list[dict[str, Any]]:
        """Withdraw every fault and forget them; their last records."""
        for id in self._armed:
            self.release(id)
        records = self.records()
        self._armed.clear()
        return records

    def records(self) -> list[dict[str, Any]]:
        return [armed.record() for armed in self._armed.values()]

    def held(self, *, comes_by_itself: bool) -> int:
        """Deliveries faults keep: those that will come in time, or those that wait for an actor."""
        return sum(
            len(armed.held)
            for armed in self._standing.values()
            if not isinstance(armed.fault, Parameters) and armed.fault.comes_by_itself is comes_by_itself
        )


def _check_share(every: object, chance: object) -> None:
    """How many of those that match it fires on: each `every`th, or by `chance`. Raises UnknownFault."""
    if every is not None and (type(every) is not int or every < 1):
        raise UnknownFault("every is a whole number from 1: 1 faults each call that matches, 10 one in ten")
    if chance is None:
        return
    if every is not None:
        raise UnknownFault("every stands beside chance; keep one of the two")
    if type(chance) not in (int, float) or not 0 < chance <= 1:  # type: ignore[operator]
        raise UnknownFault("chance is a number above 0, and at most 1: 0.1 faults one in ten that match, by lot")


def _noted(armed: Armed) -> dict[str, Any]:
    record = armed.record()
    record["fault_id"] = record.pop("id")
    del record["open"], record["held"]
    return record
