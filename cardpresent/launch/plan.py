"""What a run was asked for, and where the suite meets it: keys under which pytest carries it along."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from cardpresent.actors.stage import Stage
from cardpresent.launch.browser import Browser
from cardpresent.launch.run import Run

Record = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """One certification: the run that is up, which scenarios it is for, and what they left behind."""

    run: Run
    browser: Browser | None
    selected: frozenset[str] | None = None
    records: list[Record] = field(default_factory=list)
    stopped: str | None = None
    stages: list[tuple[Stage, Record]] = field(default_factory=list)


PLAN: pytest.StashKey[Plan] = pytest.StashKey()


def suite_root() -> Path:
    """Where features, steps and fixtures lie: inside the package in a wheel, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "suite"
    return shipped if (shipped / "features").is_dir() else package.parent


def scenario_of(item: pytest.Item) -> Any:
    """The scenario (of an outline: its template) behind a test, or None for a test that is none."""
    test: Any = getattr(item, "obj", None)
    return scenario_wrapper_template_registry.get(test)


def id_of(item: pytest.Item) -> str:
    """A scenario's id: its feature's path in the suite and its title; the rows of an outline share one."""
    path = Path(item.path).resolve().relative_to(suite_root().resolve()).as_posix()
    return f"{path}::{scenario_of(item).name}"
