"""What a report.json must hold for anybody to read on in it: one that was changed, or cut off, is told as such.

Every run writes far more; this is what two runs are compared by and what is run again.
"""

from typing import Any, Literal

import msgspec

from cardpresent.model.outcome import ScenarioOutcome, Verdict


class Line(msgspec.Struct, frozen=True):
    """One requirement."""

    id: str
    level: Literal["must", "should"]
    outcome: ScenarioOutcome
    statement: str
    reason: str | None


class Broken(msgspec.Struct, frozen=True):
    """What an attempt was seen to break."""

    requirement: str
    expected: str
    observed: str


class Try(msgspec.Struct, frozen=True):
    """One attempt of a scenario."""

    run: str
    build: str | None
    outcome: ScenarioOutcome
    broken: tuple[Broken, ...]


class Scenario(msgspec.Struct, frozen=True):
    """One scenario; a report of an early version has no `tries`."""

    id: str
    outcome: ScenarioOutcome
    tries: tuple[Try, ...] = ()


class Shape(msgspec.Struct, frozen=True):
    """The whole of it."""

    verdict: Verdict
    exit_code: int
    counts: dict[str, Any]
    requirements: tuple[Line, ...]
    scenarios: tuple[Scenario, ...]
    till: dict[str, Any]
    musts: dict[str, Any]
    integration: str | None = None
    seed: str | None = None
    run: str | None = None


def check_shape(report: Any) -> None:
    """Raise msgspec.ValidationError, whose text names the place, for a report that cannot be read on in."""
    msgspec.convert(report, Shape)
