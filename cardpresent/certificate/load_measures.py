"""What a load run measured, as people read it: names, units, and numbers that never contradict their goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cardpresent.certificate.load_report import Goal, LoadRun

Unit = Literal["ms", "share", "per_s", "number"]
MORE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """One measure. `flag`: as `--goal` names it. `least`: the goal is a floor, not a ceiling."""

    name: str
    label: str
    unit: Unit
    flag: str
    least: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: what was measured, and the goal beside it where there was one."""

    kind: Kind
    measured: str
    goal: str | None = None
    holds: bool | None = None
    so_far: bool = False

    @property
    def word(self) -> str:
        """How it ended; what was held in a part of a run was not held in the run."""
        if self.goal is None:
            return "no goal set"
        return {True: held(self.so_far), False: "missed", None: "not decided"}[self.holds]


KINDS: Final = (
    Kind("p50_ms", "Half of the payments within (p50)", "ms", "p50"),
    Kind("p95_ms", "95 of 100 within (p95)", "ms", "p95"),
    Kind("p99_ms", "99 of 100 within (p99)", "ms", "p99"),
    Kind("error_rate", "Payments that ended in an error", "share", "error_rate"),
    Kind("payments_per_s", "Payments a second", "per_s", "payments_per_s", least=True),
    Kind("stripe_calls_per_payment", "Calls to Stripe per payment", "number", "stripe_calls"),
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}


def held(so_far: bool) -> str:
    """The word for a goal that holds, in a whole run or in a part of one."""
    return "held so far" if so_far else "held"


def measured(load: LoadRun) -> dict[str, float | None]:
    """The run's own numbers, by the names goals have."""
    return {
        "p50_ms": load.latency_ms.p50, "p95_ms": load.latency_ms.p95, "p99_ms": load.latency_ms.p99,
        "error_rate": load.error_rate, "payments_per_s": load.per_s,
        "stripe_calls_per_payment": load.stripe_calls_per_payment,
    }  # fmt: skip


def measures(load: LoadRun) -> list[Measure]:
    """Every measure in one order, then the goals on something else."""
    numbers, goals = measured(load), {goal.name: goal for goal in load.goals}
    told = [_measure(kind, goals.get(kind.name), numbers[kind.name], load.cut_short) for kind in KINDS]
    others = [goal for name, goal in goals.items() if name not in BY_NAME]
    return told + [_measure(kind_of(goal.name), goal, None, load.cut_short) for goal in others]


def kind_of(name: str) -> Kind:
    """What a goal is on; a name nobody here knows is a plain number that was to stay low."""
    return BY_NAME.get(name) or Kind(name, name.replace("_", " "), "ms" if name.endswith("_ms") else "number", name)


def judged(load: LoadRun) -> tuple[int, int, int]:
    """How many goals were held, missed, and could not be told."""
    ends = [goal.holds for goal in load.goals]
    return ends.count(True), ends.count(False), ends.count(None)


def shown(value: float | None, unit: Unit, digits: int | None = None) -> str:
    """A number with its unit: 412 ms, 2.4 s, 0.5 %, 3.3, or a dash. `digits`: decimals, else as many as tell enough."""
    if value is None:
        return "–"
    if unit == "ms":
        return milliseconds(value, digits)
    if unit == "share":
        return f"{_digits(value * 100, digits)} %"
    return _digits(value, digits)


def milliseconds(value: float, digits: int | None = None) -> str:
    """A latency: 8.4 ms, 412 ms, 1.25 s, 31 s."""
    if abs(value) < 999.5:
        return f"{_digits(value, digits if digits is not None else (0 if abs(value) >= 10 else 1))} ms"
    return f"{_digits(value / 1000, digits if digits is not None else (2 if abs(value) < 10_000 else 1))} s"


def pair(goal: float, value: float | None, unit: Unit) -> tuple[str, str]:
    """Goal and measured with as many digits as it takes to see which is the larger."""
    told = shown(goal, unit), shown(value, unit)
    if value is None or value == goal:
        return told
    for digits in range(1, MORE_DIGITS):
        if told[0] != told[1]:
            break
        told = shown(goal, unit, digits), shown(value, unit, digits)
    return told


def seconds(value: float) -> str:
    """A length of time: 45 s, 1 min 30 s, 8 h, 2 h 5 min."""
    if value < 59.95:
        return f"{_digits(value, 1)} s"
    hours, rest = divmod(round(value), 3600)
    minutes, left = divmod(rest, 60)
    # From an hour on, a second is nothing anybody asked about.
    parts = [(hours, "h"), (minutes, "min"), (left if not hours else 0, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def goal_words(goals: Sequence[Goal], holds: bool | None) -> list[str]:
    """Each goal that ended so: `95 of 100 within (p95): 1.24 s, goal at most 800 ms`; no number if undecided."""
    told = []
    for goal in goals:
        if goal.holds is holds:
            measure = _measure(kind_of(goal.name), goal, None)
            number = "" if holds is None else f": {measure.measured}"
            told.append(f"{measure.kind.label}{number}, goal {measure.goal}")
    return told


def flag_of(goal: Goal) -> str:
    """A goal as the command line takes it, exactly: p95=800ms."""
    kind = kind_of(goal.name)
    if kind.unit == "share":
        return f"--goal {kind.flag}={goal.goal * 100:.10g}%"
    return f"--goal {kind.flag}={goal.goal:.10g}{'ms' if kind.unit == 'ms' else ''}"


def _measure(kind: Kind, goal: Goal | None, own: float | None, so_far: bool = False) -> Measure:
    if goal is None:
        return Measure(kind, shown(own, kind.unit))
    # What the goal was judged by stands beside it, whatever else the report says of the same thing.
    asked, value = pair(goal.goal, goal.measured if goal.measured is not None else own, kind.unit)
    return Measure(kind, value, f"{'at least' if kind.least else 'at most'} {asked}", goal.holds, so_far)


def _digits(value: float, digits: int | None) -> str:
    """With thousands parted, without zeros that say nothing; what is more than nothing is never told as 0."""
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    while value and not round(value, digits) and digits < MORE_DIGITS:
        digits += 1
    text = f"{value:,.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
