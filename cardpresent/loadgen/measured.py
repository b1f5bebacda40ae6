"""From how each payment ended to the figures of a report: percentiles, rates, and how they went over time."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

POINTS_MAX: Final = 300
PARTS: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class Ended(NamedTuple):
    """One payment: when its customer came, how long it took, the till's last word, what went wrong."""

    came_s: float
    lasted_ms: float
    word: str
    problem: str | None


@dataclass(slots=True)
class Measured:
    """What was heard of payments while they were driven. `over`: the shares whose last customer has gone."""

    started: dict[int, int] = field(default_factory=dict)
    finished: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    ended: list[Ended] = field(default_factory=list)

    def hear(self, share: int, counts: Mapping[str, Any]) -> None:
        """Take in what a process told."""
        self.started[share], self.finished[share] = int(counts["started"]), int(counts["finished"])
        self.waiting[share] = int(counts["waiting"])
        if counts["over"]:
            self.over.add(share)
        self.ended += [Ended(float(came), float(ms), str(word), problem) for came, ms, word, problem in counts["ended"]]

    @property
    def begun(self) -> int:
        return sum(self.started.values())

    @property
    def done(self) -> int:
        return sum(self.finished.values())

    @property
    def errors(self) -> int:
        return sum(one.problem is not None for one in self.ended)

    @property
    def last_end_s(self) -> float:
        """When the last payment had ended, seconds from the start."""
        return max((one.came_s + one.lasted_ms / 1000 for one in self.ended), default=0.0)

    def problems(self) -> list[tuple[str, int]]:
        """What went wrong, the most frequent first."""
        return Counter(one.problem for one in self.ended if one.problem is not None).most_common()

    def latency(self) -> dict[str, float | None]:
        """p50, p95, p99 and max of all payments, milliseconds from the moment the customer came."""
        lasted = sorted(one.lasted_ms for one in self.ended)
        return {
            **{name: percentile(lasted, part) for name, part in PARTS.items()},
            "max": lasted[-1] if lasted else None,
        }

    def series(self, duration_s: float) -> list[dict[str, Any]]:
        """The figures over time, at most POINTS_MAX points; `t_s` is when the customers came."""
        wide = max(1, math.ceil(duration_s / POINTS_MAX))
        came: dict[int, list[Ended]] = defaultdict(list)
        went: Counter[int] = Counter()
        for one in self.ended:
            came[int(one.came_s // wide)].append(one)
            went[int((one.came_s + one.lasted_ms / 1000) // wide)] += 1
        last = max([*came, *went, 0])
        return [_point(number * wide, came.get(number, []), went[number]) for number in range(last + 1)]


def _point(t_s: int, came: Sequence[Ended], finished: int) -> dict[str, Any]:
    lasted = sorted(one.lasted_ms for one in came)
    errors = sum(one.problem is not None for one in came)
    figures = {name: percentile(lasted, part) for name, part in PARTS.items()}
    return {"t_s": t_s, "started": len(came), "finished": finished, "errors": errors, **figures}


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """The nearest-rank percentile of what is in ascending order; None of nothing."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None


def tail(ended: Iterable[Ended], most: int = 200) -> float | None:
    """The p95 of the payments that ended last: what a person sees while it runs."""
    lasted = sorted(one.lasted_ms for one in list(ended)[-most:])
    return percentile(lasted, PARTS["p95"])
