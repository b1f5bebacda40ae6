"""The scenarios of a run: pytest over the features, in this process, and what became of those it never reached."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cardpresent.actors.stage import Stage
from cardpresent.certificate.allure_bridge import AllureBridge, attach_exchange
from cardpresent.cli.progress import Live
from cardpresent.cli.selection import Listed
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.plan import PLAN, Plan, Record, id_of
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.model.requirement import Register


def _attach(stage: Stage) -> None:
    """What crossed the wires in a scenario, beside its steps in the Allure results."""
    attach_exchange(stage.journal)


def run_scenarios(plan: Plan, suite: Path, out: Path, live: Live, register: Register) -> None:
    """pytest with the suite's own configuration and nothing of the user's. What ends it early stands in the plan."""
    clean = Redactor(plan.run.secrets.all()).clean
    session = _Session(plan, live, clean)
    plan.on_closed = _attach
    arguments = [
        "-c", str(suite / "reports" / "pytest.ini"), "--rootdir", str(suite), "--confcutdir", str(suite),
        "--capture=no", "-p", "no:terminal",
        "--alluredir", str(out / "allure-results"), str(suite / "features"),
    ]  # fmt: skip
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        code = pytest.main(arguments, plugins=[session, AllureBridge(register, clean)])
    except (Exception, KeyboardInterrupt):
        # A Ctrl-C reaches the browser as well: what complains of that while pytest ends is no fault of its own.
        if not plan.interruption.by:
            raise
        code = pytest.ExitCode.INTERRUPTED
    finally:
        os.environ.update(kept)
    if session.problems:
        plan.stop(session.problems[0], "harness")
    elif code == pytest.ExitCode.INTERRUPTED:
        plan.stop(plan.interruption.by or "interrupted from the keyboard")
    elif code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        plan.stop(f"pytest, which runs the scenarios, ended with {code!s}", "harness")


class _Session:
    """A pytest plugin: hands over the plan, leaves out what was not asked for, and tells how it goes."""

    def __init__(self, plan: Plan, live: Live, clean: Any) -> None:
        self._plan = plan
        self._live = live
        self._clean = clean
        self.problems: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[PLAN] = self._plan

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._plan.selected is not None:
            items[:] = [item for item in items if id_of(item) in self._plan.selected]
        items.sort(key=lambda item: item.get_closest_marker("last") is not None)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"a feature file cannot be collected: {_last_line(report.longreprtext)}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.problems.append(f"the suite itself failed: {_last_line(str(excrepr))}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._live.begins(nodeid.partition("::")[2].removeprefix("test_").replace("_", " "))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        if self._plan.records:
            record = self._plan.records[-1]
            why = _why(record)
            self._live.ends(record["title"], record["outcome"], None if why is None else self._clean(why))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no more is known"


def _why(record: Mapping[str, Any]) -> str | None:
    broken = next((f for f in record["findings"] if f["holds"] is False), None)
    if broken and record["outcome"] in {ScenarioOutcome.FAILED.value, ScenarioOutcome.WARNING.value}:
        return f"{broken['requirement']}: expected {broken['expected']}, observed {broken['observed']}"
    return record["reason"] if isinstance(record["reason"], str) else None


def unreached(scenarios: Iterable[Listed], records: Iterable[Record], reason: str) -> Iterator[Record]:
    """A record for each scenario that was asked for and has none: the report keeps silent about nothing."""
    known = {record["id"] for record in records}
    for scenario in scenarios:
        if scenario.id not in known:
            yield {
                "id": scenario.id, "title": scenario.title, "feature": scenario.feature,
                "chapter": scenario.path.split("/")[1], "outcome": ScenarioOutcome.NOT_RUN.value,
                "requirements": sorted(scenario.requirements), "attempts": 1, "duration_ms": 0.0, "findings": [],
                "reason": reason, "party": None, "steps": [], "journal": [0, 0], "log": [],
                "supplementary": "supplementary" in scenario.tags, "staged": [],
            }  # fmt: skip
