"""Two load runs held against each other: what became slower, which goal is missed now, which faults are new."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cardpresent.certificate.load_cards import causes
from cardpresent.certificate.load_measures import KINDS, Kind, kind_of, measured, pair, seconds, shown
from cardpresent.certificate.load_report import Goal, LoadRun, load_of
from cardpresent.certificate.load_words import measuring, mix, stopped
from cardpresent.model.outcome import Verdict

Report = Mapping[str, Any]
GoalMove = Literal["missed", "undecided", "held", "gone", "new", "moved"]
FaultMove = Literal["new", "gone", "stays"]

WORST_LAST: Final[tuple[Verdict, ...]] = ("certified", "incomplete", "refused")
# The one latency that gates: the median hides the queue, and the last percent is noise in a short run.
GATED: Final = "p95_ms"
GATING_GOALS: Final = frozenset(["missed", "undecided"])


@dataclass(frozen=True, slots=True)
class Number:
    """One measure of both runs. `change` is a part of the old one (0.2: a fifth more); None where it cannot be told."""

    kind: Kind
    old: float | None
    new: float | None
    change: float | None
    gates: bool = False

    @property
    def worse(self) -> bool | None:
        if not self.change:
            return None
        return (self.change < 0) if self.kind.least else (self.change > 0)


@dataclass(frozen=True, slots=True)
class GoalChange:
    """A goal that ended otherwise, is another number now, or stands in one of the runs only."""

    kind: Kind
    old: Goal | None
    new: Goal | None
    move: GoalMove

    @property
    def gates(self) -> bool:
        return self.move in GATING_GOALS


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault by the line it breaches, and in how many sales each run lists it."""

    line: str
    said: str
    old: int
    new: int

    @property
    def move(self) -> FaultMove:
        return "stays" if self.old and self.new else "new" if self.new else "gone"

    @property
    def gates(self) -> bool:
        return self.move == "new"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that moved. `notes`: why the two are no two runs of one thing."""

    verdicts: tuple[str, str]
    numbers: tuple[Number, ...]
    goals: tuple[GoalChange, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    tolerance: float

    @property
    def verdict_worse(self) -> bool:
        before, now = (WORST_LAST.index(verdict) for verdict in self.verdicts)
        return now > before

    @property
    def gating(self) -> list[str]:
        """Each reason why the new run is worse, in one sentence."""
        told = [f"the verdict was {self.verdicts[0]} and is {self.verdicts[1]}"] * self.verdict_worse
        for goal in self.goals:
            if goal.gates:
                ended = "is missed now" if goal.move == "missed" else "cannot be told now"
                told.append(f"the goal on {goal.kind.flag} was held and {ended}")
        for number in self.numbers:
            if number.gates and number.change is None:
                told.append(f"{number.kind.flag} cannot be told now")
            elif number.gates:
                allowed, grown = pair(self.tolerance, number.change, "share")
                told.append(f"{number.kind.flag} grew by {grown}, more than {allowed}")
        return told + [f"{fault.line} is breached now: {fault.said}" for fault in self.faults if fault.gates]


def compare(old: Report, new: Report, tolerance: float) -> Comparison:
    """Hold two reports of load runs against each other. `tolerance`: how much p95 may grow, 0.2 for a fifth.

    Raises ReportError where one is not of a load run.
    """
    before, now = load_of(old), load_of(new)
    return Comparison(
        verdicts=(str(old["verdict"]), str(new["verdict"])),
        numbers=tuple(_numbers(before, now, tolerance)),
        goals=tuple(_goals(before, now)),
        faults=tuple(_faults(old, new)),
        notes=tuple(_apart(old, new, before, now)),
        tolerance=tolerance,
    )


def _numbers(before: LoadRun, now: LoadRun, tolerance: float) -> Iterator[Number]:
    was, is_now = measured(before), measured(now)
    for kind in KINDS:
        old, new = was[kind.name], is_now[kind.name]
        change = (new - old) / old if old and new is not None else 0.0 if old == new and old is not None else None
        lost = old is not None and new is None
        grew = change is not None and change > tolerance
        yield Number(kind, old, new, change, gates=kind.name == GATED and (grew or lost))


def _goals(before: LoadRun, now: LoadRun) -> Iterator[GoalChange]:
    was, is_now = {goal.name: goal for goal in before.goals}, {goal.name: goal for goal in now.goals}
    for name in [*is_now, *(name for name in was if name not in is_now)]:
        old, new = was.get(name), is_now.get(name)
        if (move := _move(old, new)) is not None:
            yield GoalChange(kind_of(name), old, new, move)


def _move(old: Goal | None, new: Goal | None) -> GoalMove | None:
    if old is None or new is None:
        return "new" if old is None else "gone"
    if old.holds != new.holds:
        if old.holds:
            return "missed" if new.holds is False else "undecided"
        return "held" if new.holds else "moved"
    return "moved" if old.goal != new.goal else None


def _faults(old: Report, new: Report) -> Iterator[Fault]:
    """By requirement and check alone: sales have other names in every run."""
    counts: dict[tuple[str, str], list[int]] = {}
    said: dict[tuple[str, str], str] = {}
    for place, report in enumerate((old, new)):
        for sales in causes(report):
            for key, one in {(f["requirement"], f["check"]): f for f in sales[0]}.items():
                counts.setdefault(key, [0, 0])[place] += len(sales)
                said.setdefault(key, " ".join(str(one.get("headline") or one["observed"]).split()))
    for key, (before, now) in counts.items():
        yield Fault(key[0], said[key], before, now)


def _apart(old: Report, new: Report, before: LoadRun, now: LoadRun) -> Iterator[str]:
    for what, was, is_now in (
        ("till", (old.get("till") or {}).get("name"), (new.get("till") or {}).get("name")),
        ("profile", before.name, now.name),
        ("venue", old.get("venue"), new.get("venue")),
        ("duration", seconds(before.asked_s), seconds(now.asked_s)),
        ("rate", f"{shown(before.asked.per_s, 'per_s')}/s", f"{shown(now.asked.per_s, 'per_s')}/s"),
        ("number of readers", before.asked.readers, now.asked.readers),
        ("number of lanes", before.asked.lanes, now.asked.lanes),
        ("mix", mix(before), mix(now)),
        ("machine", _machine(before), _machine(now)),
    ):
        if was != is_now:
            yield f"another {what}: {was}, now {is_now}"
    for name, load in (("old", before), ("new", now)):
        if cut := stopped(load):
            yield f"of the {name} run: {cut}"
        if load.left_out:
            yield f"the {name} run lists its faults in part: {load.left_out:,} more findings like them were left out"
        if load.lost:
            yield f"the {name} run lost {', '.join(load.lost)}"
        if measuring(load).at_limit:
            yield f"the {name} run’s measuring side was at its limit: its numbers are not the till’s alone"


def _machine(load: LoadRun) -> str:
    return f"{load.machine.cores or 'unknown'} cores"
