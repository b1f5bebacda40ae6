"""What load is held to beside money: said on the command line, in `[load]` of the integration file, by the profile.

Pure functions: nothing here measures.
"""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from cardpresent.profile.schema import Load

_GIVEN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(\D*)")
# What was measured is told and judged with so many decimals, so that a report never shows 800 missing a goal of 800.
_DECIMALS: Final = 6


class GoalError(ValueError):
    """A goal that cannot be meant: which, what is wrong with it, and what is understood."""


class Kind(NamedTuple):
    """One number that can be held. `flag`: its name and a value on the command line. `units`: what a value may end in,
    and what it is then times; "" where a plain number does. `below`: a value has to be less than that. `least`: the
    goal is a floor, not a ceiling."""

    flag: str
    units: Mapping[str, Decimal]
    below: float = math.inf
    least: bool = False

    @property
    def called(self) -> str:
        return self.flag.partition("=")[0]


_ONE, _PERCENT, _TIMES_1000 = Decimal(1), Decimal("0.01"), Decimal(1000)
# By the key of `[load]`, which is also the name in a report; in the order in which they are told.
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "p95_ms": Kind("p95=800ms", {"ms": _ONE, "s": _TIMES_1000}),
        "p99_ms": Kind("p99=2s", {"ms": _ONE, "s": _TIMES_1000}),
        "error_rate": Kind("error_rate=1%", {"%": _PERCENT, "": _ONE}, below=1.0),
        "payments_per_s": Kind("payments_per_s=3", {"": _ONE, "/s": _ONE}, least=True),
        "stripe_calls_per_payment": Kind("stripe_calls=12", {"": _ONE}),
    }
)
_UNDERSTOOD: Final = ", ".join(kind.flag for kind in KINDS.values())


class Goals(msgspec.Struct, frozen=True, kw_only=True):
    """The goals that were set; None is none. Latencies in milliseconds, end to end, from the moment the customer came;
    `error_rate` a share, 0.01 is one payment in a hundred; `payments_per_s` at least, the others at most."""

    p95_ms: float | None = None
    p99_ms: float | None = None
    error_rate: float | None = None
    payments_per_s: float | None = None
    stripe_calls_per_payment: float | None = None

    @property
    def set(self) -> dict[str, float]:
        """Those that were set, by name, in one order."""
        return {name: goal for name in KINDS if (goal := getattr(self, name)) is not None}

    def above(self, lower: "Goals") -> "Goals":
        """These, and of `lower` what these leave open."""
        return Goals(**{**lower.set, **self.set})

    def held(self, measured: Mapping[str, float | None]) -> list[dict[str, Any]]:
        """Each goal that was set, as a report has it: {"name", "goal", "measured", "holds"}.

        `holds` is None where `measured` has no number to judge by: no payment ended, say. That is neither held nor
        missed.
        """
        return [_judged(name, goal, measured.get(name)) for name, goal in self.set.items()]


def _judged(name: str, goal: float, measured: float | None) -> dict[str, Any]:
    if measured is None or math.isnan(measured):
        return {"name": name, "goal": goal, "measured": None, "holds": None}
    told = round(measured, _DECIMALS)
    holds = told >= goal if KINDS[name].least else told <= goal
    return {"name": name, "goal": goal, "measured": told, "holds": holds}


def goals_of(flags: Goals, file: Load, profile: Mapping[str, float]) -> Goals:
    """All goals of a run: the command line's stand above the file's, the file's above the profile's.

    Raises GoalError for a profile's that cannot be meant.
    """
    return flags.above(goals_in(file)).above(goals_from(profile))


def goals_in(file: Load) -> Goals:
    """Those of the integration file."""
    return Goals(**{name: getattr(file, name) for name in KINDS})


def goals_from(given: Mapping[str, float]) -> Goals:
    """Those given by name, as `[load]` names them: {"p95_ms": 800, "error_rate": 0.01}. Raises GoalError."""
    for name, goal in given.items():
        if name not in KINDS:
            raise GoalError(f"no goal is called {name}; there are {', '.join(KINDS)}")
        if type(goal) not in (int, float) or not math.isfinite(goal):
            raise GoalError(f"the goal {name} is no number")
        _check(name, goal, f"the goal {name} = {goal:g}")
    return Goals(**{name: float(goal) for name, goal in given.items()})


def parse_goals(texts: Iterable[str]) -> Goals:
    """Those of the command line, each as `p95=800ms`. Raises GoalError with one sentence, which names what there is."""
    found: dict[str, float] = {}
    for text in texts:
        name, goal = _parsed(text)
        if name in found:
            raise GoalError(f"--goal {text}: {KINDS[name].called} is given twice; keep one of the two")
        found[name] = goal
    return Goals(**found)


def _parsed(text: str) -> tuple[str, float]:
    called, equals, value = (part.strip() for part in text.partition("="))
    name = next((name for name, kind in KINDS.items() if kind.called == called), None)
    if name is None or not equals:
        raise GoalError(f"--goal {text}: is no goal; there are {_UNDERSTOOD}")
    kind = KINDS[name]
    given = _GIVEN.fullmatch(value)
    unit = given[2].strip() if given else ""
    if given is None or unit not in kind.units:
        ends = "" if "" in kind.units else f" with {' or '.join(kind.units)}"
        raise GoalError(f"--goal {text}: {called} takes a number{ends}, as in {kind.flag}")
    goal = float(Decimal(given[1]) * kind.units[unit])
    _check(name, goal, f"--goal {text}")
    return name, goal


def _check(name: str, goal: float, given: str) -> None:
    """Raise GoalError for a number that nothing could miss, or nothing hold."""
    kind = KINDS[name]
    if goal < 0 or (not goal and name != "error_rate"):
        why = "nothing can miss that" if kind.least else "nothing can hold that"
        raise GoalError(f"{given}: {why}; write a number above 0, as in {kind.flag}")
    if goal >= kind.below:
        raise GoalError(f"{given}: every payment could fail, and it would hold; write {kind.flag}, or 0.01")
