"""What a run was asked for, and where the suite meets it: keys under which pytest carries it along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from cardpresent.actors.stage import Stage
from cardpresent.evidence.replay import Replay
from cardpresent.launch.browser import Browser
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.people import People
from cardpresent.launch.run import Run
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Party
from cardpresent.model.record import Record


@dataclass(slots=True)
class Plan:
    """What is certified here, one till after the other: the run that is up, and what its scenarios left behind."""

    run: Run
    browser: Browser | None
    people: People = field(default_factory=lambda: People.absent(datetime.now(UTC).date()))
    records: list[Record] = field(default_factory=list)
    stages: list[tuple[Stage, Record]] = field(default_factory=list)
    # What was dealt for the till that is up and has not been run yet.
    left: list[pytest.Item] = field(default_factory=list)
    interruption: Interruption = field(default_factory=Interruption)
    stopped: str | None = None
    stopped_by: Party = "environment"
    # How far the till's own log has been looked through, as a number of the journal.
    log_judged_n: int = 0

    # Called when no more scenario is put to the till that is up: its sales are judged once more.
    on_last: Callable[[], None] = lambda: None
    # How many stories are drawn for a scenario about any order; or the one that is played instead, and how often.
    interleavings: int = 4
    replay: Replay | None = None
    tries: int = 1

    # Called when a scenario is over and what it left in the journal is complete.
    on_closed: Callable[[Stage], None] = lambda stage: None

    def turn_to(self, run: Run) -> None:
        """Another till is up; what was left behind at the one before is no business of its scenarios."""
        self.run, self.stages, self.left, self.log_judged_n = run, [], [], 0

    def stop(self, reason: str, by: Party = "environment") -> None:
        """Nothing more is run; the first reason counts."""
        if self.stopped is None:
            self.stopped, self.stopped_by = reason, by


PLAN: pytest.StashKey[Plan] = pytest.StashKey()


def scenario_of(item: pytest.Item) -> Any:
    """The scenario (of an outline: its template) behind a test, or None for a test that is none."""
    test: Any = getattr(item, "obj", None)
    return scenario_wrapper_template_registry.get(test)


def id_of(item: pytest.Item) -> str:
    """A scenario's id: its feature's path in the suite and its title; the rows of an outline share one."""
    path = Path(item.path).resolve().relative_to(suite_root().resolve()).as_posix()
    return f"{path}::{scenario_of(item).name}"
