"""The scenarios of one lane: pytest over the features, in this process, one till after the other."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest

from cardpresent.actors.stage import Stage
from cardpresent.certificate.allure_bridge import AllureBridge, attach_exchange
from cardpresent.cli.faults import as_sentences
from cardpresent.cli.share import Chunk
from cardpresent.cli.stop import Stop
from cardpresent.evidence.attestations import AttestationError, Attestations
from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.replay import Replay
from cardpresent.launch.browser import Browser, find_browser
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import Secrets
from cardpresent.launch.people import People
from cardpresent.launch.plan import PLAN, Plan, id_of
from cardpresent.launch.run import Run, opened
from cardpresent.model.outcome import Exit, ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration

Items = Mapping[str, Sequence[pytest.Item]]


class Parent(Protocol):
    """Whoever deals the scenarios and hears how they go."""

    interruption: Interruption

    def want(self) -> Chunk | None: ...
    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]: ...
    def say(self, what: str, **said: Any) -> None: ...


def run_lane(
    order: Mapping[str, Any], till: Integration, secrets: Secrets, suite: Path, parent: Parent, register: Register
) -> None:
    """pytest with the suite's own configuration and nothing of the user's; says "over" with all there is to tell."""
    out, clean = Path(order["out"]), Redactor(secrets.all()).clean
    lane = _Lane(order, till, secrets, parent, clean)
    arguments = [
        "-c", str(suite / "reports" / "pytest.ini"), "--rootdir", str(suite), "--confcutdir", str(suite),
        # Nothing here is a test whose assert has to be explained, nor whose leavings have to be looked for.
        "--capture=no", "--assert=plain", "-p", "no:terminal", "-p", "no:unraisableexception",
        "--alluredir", str(out / "allure-results"), *(str(suite / file) for file in order["features"]),
    ]  # fmt: skip
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    try:
        code = pytest.main(arguments, plugins=[lane, AllureBridge(register, clean)])
    except (Exception, KeyboardInterrupt):
        # A Ctrl-C reaches the browser as well: what complains of that while pytest ends is no fault of its own.
        if not parent.interruption.by:
            raise
        code = pytest.ExitCode.INTERRUPTED
    lane.ended(code)
    lane.tell()


class _Lane:
    """A pytest plugin: opens tills, runs what is dealt, and tells how it goes."""

    def __init__(
        self, order: Mapping[str, Any], till: Integration, secrets: Secrets, parent: Parent, clean: Any
    ) -> None:
        self._order, self._till, self._secrets, self._parent, self._clean = order, till, secrets, parent, clean
        self._out = Path(order["out"])
        self._browser: Browser | None = find_browser()
        self._plan: Plan | None = None
        self._next: Chunk | None = None
        self._stopped: tuple[str, str] | None = None
        self._fault: Stop | None = None
        self.problems: list[str] = []

    # What pytest calls

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problems.append(f"a feature file cannot be collected: {_last_line(report.longreprtext)}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.problems.append(f"the suite itself failed: {_last_line(str(excrepr))}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._parent.say("begins", title=nodeid.partition("::")[2].removeprefix("test_").replace("_", " "))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        if self._plan and self._plan.records:
            record = self._plan.records[-1]
            why = _why(record)
            self._parent.say("ends", record=self._clean(record), why=None if why is None else self._clean(why))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Till after till, as the parent deals; pytest's own loop would know all scenarios beforehand."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} feature files cannot be collected")
        items: dict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            items[id_of(item)].append(item)
        chunk = self._parent.want()
        while chunk is not None:
            try:
                chunk = self._serve(chunk, items, session)
            except Stop as stop:
                self._fault = stop
                return True
        return True

    # One till

    def _serve(self, chunk: Chunk, items: Items, session: pytest.Session) -> Chunk | None:
        """Open the till of `chunk` and run what is dealt for it; returns the first chunk that is for another one."""
        shop = self._till.every_shop[chunk.shop]
        with ExitStack() as stack:
            with as_sentences(self._out, self._secrets.all()):
                run = stack.enter_context(opened(
                    shop, self._out, self._order["seed"], self._order["port"], self._secrets, chunk.run,
                    venue=self._order["venue"], on_left=lambda left: self._parent.say("left", left=dict(left)),
                ))  # fmt: skip
            plan = self._turn_to(run, session.config)
            self._next = None
            for item, after in self._dealt(chunk, items, plan):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                plan.left.pop(0)
                if session.shouldstop:
                    raise session.Interrupted(session.shouldstop)
            plan.on_last()
            if run.around.emulator is not None and run.server.alive:
                self._parent.say("served", shop=chunk.shop, fidelity=run.around.emulator.fidelity())
        return self._next

    def _turn_to(self, run: Run, config: pytest.Config) -> Plan:
        self._parent.say("up", shop=run.integration.shop, redirection=run.redirection)
        if self._plan is None:
            order, replay = self._order, self._order["replay"]
            self._plan = config.stash[PLAN] = Plan(
                run, self._browser, self._people(), interruption=self._parent.interruption,
                interleavings=order["interleavings"],
                replay=msgspec.convert(replay, Replay) if replay else None, tries=order["tries"],
            )  # fmt: skip
            self._plan.on_closed = _attach
        else:
            self._plan.turn_to(run)
        return self._plan

    def _people(self) -> People:
        """Raises Stop for a file of attestations that cannot be read."""
        try:
            kept = Attestations(Path(self._order["attestations"]))
        except AttestationError as error:
            raise Stop(str(error), Exit.CONFIGURATION) from None
        today = date.fromisoformat(self._order["today"])
        return People(kept, today, self._parent.ask if self._order["guided"] else None)

    def _dealt(self, chunk: Chunk, items: Items, plan: Plan) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
        """Each scenario for this till with the one after it, by which pytest knows what to keep set up.

        The next chunk is asked for when the last one of this chunk is about to begin.
        """
        wanted: Chunk | None = chunk
        while wanted is not None and wanted.run == chunk.run:
            todo = [item for one in wanted.ids for item in items[one]]
            plan.left = list(todo)
            for item, after in pairwise(todo):
                # The same scenario once more has to be set up anew.
                yield item, after if after is not item else None
            self._next = wanted = self._parent.want()
            same_till = wanted is not None and wanted.run == chunk.run
            then = items[wanted.ids[0]][0] if wanted is not None and same_till else None
            yield todo[-1], then if then is not todo[-1] else None

    # The end

    def ended(self, code: int) -> None:
        """Keep why pytest ended, where that says something of the run."""
        plan = self._plan
        if self.problems:
            self._stop(self.problems[0], "harness")
        elif plan is not None and plan.stopped:
            self._stop(plan.stopped, plan.stopped_by)
        elif code == pytest.ExitCode.INTERRUPTED:
            self._stop(self._parent.interruption.by or "interrupted from the keyboard", "environment")
        elif code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
            self._stop(f"pytest, which runs the scenarios, ended with {code!s}", "harness")

    def _stop(self, why: str, by: str) -> None:
        self._stopped = (why, by)

    def tell(self) -> None:
        """Everything the parent has to know of this lane."""
        records = self._plan.records if self._plan else []
        why, by = self._stopped or (None, None)
        fault, code = (self._fault.message, self._fault.exit_code) if self._fault else (None, None)
        self._parent.say("over", records=self._clean(records), stopped=why, by=by, fault=fault, exit_code=code)


def _attach(stage: Stage) -> None:
    """What crossed the wires in a scenario, beside its steps in the Allure results."""
    attach_exchange(stage.journal)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no more is known"


def _why(record: Mapping[str, Any]) -> str | None:
    broken = next((f for f in record["findings"] if f["holds"] is False), None)
    if broken and record["outcome"] in {ScenarioOutcome.FAILED.value, ScenarioOutcome.WARNING.value}:
        return f"{broken['requirement']}: expected {broken['expected']}, observed {broken['observed']}"
    return record["reason"] if isinstance(record["reason"], str) else None
