"""What report.json holds of a load run, beside what every report holds: read once, so that its views agree."""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from cardpresent.certificate.report import ReportError
from cardpresent.model.money import Money

KIND: Final = "load"
# Durations are measured: a run that ended this much early, in seconds, was not cut short.
SLACK_S: Final = 0.5


class Asked(msgspec.Struct, frozen=True):
    """What the run was to do. `mix`: what customers come for, and the weight of each."""

    per_s: float | None = None
    readers: int | None = None
    lanes: int | None = None
    workers: int | None = None
    mix: dict[str, float] = {}


class Payments(msgspec.Struct, frozen=True):
    """Payments by where they ended. `refused`: the customer did not pay, and the till said so."""

    started: int = 0
    finished: int = 0
    accepted: int = 0
    refused: int = 0
    unsettled: int = 0
    errors: int = 0


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds of a whole payment, from the moment it was due; None where none finished."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None


class Step(msgspec.Struct, frozen=True):
    """One step of a payment, over the whole run; milliseconds."""

    name: str
    count: int = 0
    failures: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Goal(msgspec.Struct, frozen=True):
    """One number that was to be held, in the unit its name says. `holds` None: there was nothing to measure it by."""

    name: str
    goal: float
    measured: float | None = None
    holds: bool | None = None


class Problem(msgspec.Struct, frozen=True):
    """What kept payments from ending well, and how many."""

    what: str
    times: int = 1


class Point(msgspec.Struct, frozen=True):
    """From `t_s` to the next point: how many started, finished and erred, and the latency of those due then, in ms."""

    t_s: float
    started: int = 0
    finished: int = 0
    errors: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Window(msgspec.Struct, frozen=True):
    """A fault that was staged for a while, and how often a call met it."""

    fault: str
    what: str = ""
    from_s: float = 0.0
    to_s: float = 0.0
    fired: int | None = None


class Amount(msgspec.Struct, frozen=True):
    """Money as JSON holds it."""

    minor_units: int
    currency: str

    @property
    def money(self) -> Money:
        return Money(self.minor_units, self.currency.lower())


class Unclaimed(msgspec.Struct, frozen=True):
    """Money at Stripe that belongs to no sale of the till."""

    payment_intent: str
    captured: Amount | None = None


class Books(msgspec.Struct, frozen=True):
    """Sums by currency. `captured` is before refunds; `till_paid` is what the till has as paid, before refunds, too."""

    sales: int = 0
    charges: int = 0
    captured: tuple[Amount, ...] = ()
    refunded: tuple[Amount, ...] = ()
    till_paid: tuple[Amount, ...] | None = None
    unclaimed: tuple[Unclaimed, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """Who used the processor. `share` is of one core; `headroom`: how many times as much one core could have done."""

    part: str
    cpu_s: float | None = None
    share: float | None = None
    headroom: float | None = None


class Machine(msgspec.Struct, frozen=True):
    """The machine the run was measured on."""

    cores: int | None = None
    parts: tuple[Part, ...] = ()


class Worker(msgspec.Struct, frozen=True):
    """A process that drove payments."""

    name: str
    started: int = 0
    finished: int = 0
    lost: bool = False


class LoadRun(msgspec.Struct, frozen=True):
    """The whole block. Times are seconds; `findings_left_out` counts findings that are too many to be listed. `profile`
    is what the command line calls it, where that is not its name: the path of a file of the team's."""

    name: str
    profile: str = ""
    question: str = ""
    duration_s: float = 0.0
    asked_s: float = 0.0
    asked: Asked = Asked()
    payments: Payments = Payments()
    error_rate: float | None = None
    per_s: float | None = None
    stripe_calls_per_payment: float | None = None
    latency_ms: Latency = Latency()
    steps: tuple[Step, ...] = ()
    problems: tuple[Problem, ...] = ()
    goals: tuple[Goal, ...] = ()
    series: tuple[Point, ...] = ()
    windows: tuple[Window, ...] = ()
    books: Books = Books()
    machine: Machine = Machine()
    workers: tuple[Worker, ...] = ()
    findings_left_out: int | dict[str, int] = 0

    @property
    def cut_short(self) -> bool:
        return self.asked_s - self.duration_s > SLACK_S

    @property
    def left_out(self) -> int:
        kinds = self.findings_left_out
        return kinds if isinstance(kinds, int) else sum(kinds.values())

    @property
    def lost(self) -> list[str]:
        return [worker.name for worker in self.workers if worker.lost]


def is_load(report: Mapping[str, Any]) -> bool:
    """Whether a report is of a load run, and not of a certification."""
    return report.get("kind") == KIND


def load_of(report: Mapping[str, Any]) -> LoadRun:
    """The load block of a report. Raises ReportError where it is missing or of another shape."""
    block = report.get("load")
    if not is_load(report) or not isinstance(block, Mapping):
        raise ReportError("the report is not of a load run; give the folder that `cardpresent load` wrote into")
    try:
        return msgspec.convert(_finite(block), LoadRun)
    except msgspec.ValidationError as error:
        raise ReportError(f"load: {error}; the report was changed after the run, run it again") from None


def _finite(value: Any) -> Any:
    """JSON as some write it holds NaN and Infinity, by which nothing can be drawn or compared: not measured."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
