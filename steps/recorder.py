"""From what happened to what is reported: one record a scenario, its outcome by the closed list."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from cardpresent.actors.errors import NotDemonstrated, Refuted, TillGone, Undecided
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks.facts import NothingSeen
from cardpresent.drivers.pos.port import NotOffered
from cardpresent.drivers.stripe.books import Cursor
from cardpresent.launch.browser import Browser, install_command
from cardpresent.launch.plan import PLAN, id_of, scenario_of
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import ScenarioOutcome, worst
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration
from steps.closing import close, judge_again
from steps.collection import NEEDS, register, requirements_of, tags_of

DEATHS_THAT_END_A_RUN = 3

Record = dict[str, Any]
REGISTER: pytest.StashKey[Register] = pytest.StashKey()
PENDING: pytest.StashKey[Record] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REGISTER] = register()


# Planning: what this till cannot be asked


def pytest_runtest_setup(item: pytest.Item) -> None:
    if scenario_of(item) is None:
        return
    record = item.stash[PENDING] = blank(item)
    plan = item.config.stash.get(PLAN, None)
    if plan is None:
        return
    verdict = unaskable(item, plan.run.integration, plan.browser)
    if verdict:
        record["outcome"], record["reason"] = verdict
        pytest.skip(verdict[1])


def unaskable(item: pytest.Item, integration: Integration, browser: Browser | None) -> tuple[str, str] | None:
    """Why a scenario is not put to this till at all, as (outcome, reason)."""
    tags = tags_of(item)
    for tag in sorted(t for t in tags if t.startswith(NEEDS)):
        capability = integration.capability(tag.removeprefix(NEEDS))
        if capability.state == "not_applicable":
            return ScenarioOutcome.NOT_APPLICABLE.value, f"{capability.name}: {capability.reason}"
        if capability.state == "absent":
            why = capability.reason or "declared as absent"
            return ScenarioOutcome.NOT_DEMONSTRATED.value, f"the till has no {capability.name.replace('_', ' ')}: {why}"
    if "page" in tags and browser is None:
        return ScenarioOutcome.NOT_RUN.value, f"no browser was found; to install one: {install_command()}"
    return None


# Running


def blank(item: pytest.Item) -> Record:
    """A record before anything was learned."""
    scenario = scenario_of(item)
    return {
        "id": id_of(item), "title": scenario.name, "feature": scenario.feature.name,
        "chapter": id_of(item).split("/")[1], "outcome": ScenarioOutcome.NOT_RUN.value,
        "requirements": requirements_of(item), "attempts": 1, "duration_ms": 0.0, "findings": [], "reason": None,
        "party": None, "steps": [], "journal": [0, 0], "log": [], "supplementary": "supplementary" in tags_of(item),
        "staged": [], "started": time.perf_counter(),
    }  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_before_scenario(request: pytest.FixtureRequest, scenario: Any) -> None:
    record = request.node.stash[PENDING]
    request.getfixturevalue("network")
    record["started"] = time.perf_counter()
    record["steps"] = [{"keyword": s.keyword, "text": s.name, "status": "not reached"} for s in scenario.steps]


def pytest_bdd_after_step(request: pytest.FixtureRequest, scenario: Any, step: Any) -> None:
    request.node.stash[PENDING]["steps"][scenario.steps.index(step)]["status"] = "passed"


def pytest_bdd_step_error(request: pytest.FixtureRequest, scenario: Any, step: Any, exception: BaseException) -> None:
    record = request.node.stash[PENDING]
    record["steps"][scenario.steps.index(step)]["status"] = "failed"
    record["trouble"] = exception


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest, exception: BaseException) -> None:
    request.node.stash[PENDING]["trouble"] = exception


@pytest.hookimpl(trylast=True)
def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Close the stage inside the test, so that what the invariants find fails the scenario and not its teardown."""
    record = request.node.stash[PENDING]
    stage: Stage = request.getfixturevalue("stage")
    network: Network = request.getfixturevalue("network")
    first = record.pop("trouble", None)
    troubles: list[BaseException] = [first] if first else []
    if not isinstance(first, TillGone):
        troubles += close(stage, network)
    lines: Register = request.config.stash[REGISTER]
    fill(record, stage, troubles, lines)
    request.config.stash[PLAN].stages.append((stage, record))
    _keep_till_up(request, record, troubles)
    if first is None:
        raise_worst(record, stage, troubles)


def fill(record: Record, stage: Stage, troubles: list[BaseException], lines: Register) -> None:
    """What the stage learned, as a record."""
    stage.flush_log()
    stage.around.wire.follow()
    findings = [*stage.findings, *(f for t in troubles if (f := finding_of(t)) and f not in stage.findings)]
    record["findings"] = [as_record(f, lines) for f in findings]
    record["staged"] = list(dict.fromkeys(stage.staged))
    record["journal"] = [stage.first_n + 1, stage.around.wire.journal.last_n]
    record["log"] = [str(e.data["line"]) for e in stage.journal.kind("log")][-40:]
    record["duration_ms"] = round((time.perf_counter() - record.pop("started")) * 1000, 1)
    record["outcome"] = outcome_of(findings, troubles, lines).value
    record["reason"], record["party"] = reason_of(troubles)


def as_record(finding: Finding, lines: Register) -> Record:
    line = lines[finding.requirement]
    return {**asdict(finding), "evidence": list(finding.evidence), "severity": line.severity, "level": line.level}


def outcome_of(findings: list[Finding], troubles: list[BaseException], lines: Register) -> ScenarioOutcome:
    """The worst of everything that was seen; nothing seen is no pass."""
    seen = [o for f in findings if (o := _outcome_of_finding(f, lines)) is not None]
    seen += [outcome_of_trouble(t) for t in troubles if not isinstance(t, Refuted)]
    return worst(seen) if seen else ScenarioOutcome.INCONCLUSIVE


def _outcome_of_finding(finding: Finding, lines: Register) -> ScenarioOutcome | None:
    if finding.holds is None:
        return ScenarioOutcome.INCONCLUSIVE
    if finding.holds:
        return ScenarioOutcome.PASSED
    return ScenarioOutcome.FAILED if lines[finding.requirement].level == "must" else ScenarioOutcome.WARNING


def outcome_of_trouble(trouble: BaseException) -> ScenarioOutcome:
    if isinstance(trouble, Undecided):
        return ScenarioOutcome.CONFIG_ERROR if trouble.party == "configuration" else ScenarioOutcome.INCONCLUSIVE
    if isinstance(trouble, NothingSeen):
        return ScenarioOutcome.INCONCLUSIVE
    if isinstance(trouble, TillGone):
        return ScenarioOutcome.FAILED if trouble.by_itself else ScenarioOutcome.INCONCLUSIVE
    if isinstance(trouble, NotDemonstrated | NotOffered):
        return ScenarioOutcome.NOT_DEMONSTRATED
    return ScenarioOutcome.HARNESS_ERROR


def finding_of(trouble: BaseException) -> Finding | None:
    if isinstance(trouble, Refuted):
        return trouble.finding
    if isinstance(trouble, TillGone) and trouble.by_itself:
        return Finding(
            "FD-80", "till.stays_up", False, "a till that keeps running", trouble.reason,
            headline="The till's program ends in the middle of a sale",
        )  # fmt: skip
    return None


def reason_of(troubles: list[BaseException]) -> tuple[str | None, str | None]:
    for trouble in troubles:
        if isinstance(trouble, Refuted):
            continue
        if isinstance(trouble, Undecided):
            return trouble.reason, trouble.party
        if isinstance(trouble, TillGone):
            return trouble.reason, "product" if trouble.by_itself else "environment"
        if isinstance(trouble, NotDemonstrated):
            return trouble.reason, "configuration"
        return f"{type(trouble).__name__}: {trouble}", "harness"
    return None, None


def raise_worst(record: Mapping[str, Any], stage: Stage, troubles: list[BaseException]) -> None:
    """Let the test fail as the record says it did."""
    for trouble in troubles:
        raise trouble
    if record["outcome"] == ScenarioOutcome.FAILED.value:
        raise Refuted(next(f for f in stage.findings if f.holds is False))
    if record["outcome"] == ScenarioOutcome.INCONCLUSIVE.value:
        raise Undecided("nothing was seen that could be judged")


def _keep_till_up(request: pytest.FixtureRequest, record: Record, troubles: list[BaseException]) -> None:
    """A till that went down is started again on its data; three times in a row is enough."""
    run = request.config.stash[PLAN].run
    gone = next((t for t in troubles if isinstance(t, TillGone)), None)
    if gone is None:
        run.till.deaths = 0
        return
    run.till.deaths += 1
    if run.till.deaths >= DEATHS_THAT_END_A_RUN:
        request.config.stash[PLAN].stopped = f"the till went down {DEATHS_THAT_END_A_RUN} times in a row: {gone.reason}"
        request.session.shouldstop = str(request.config.stash[PLAN].stopped)
        return
    try:
        run.till.restart()
    except TillDidNotStart as error:
        record["reason"] = f"{gone.reason}; it could not be started again: {error}"
        request.config.stash[PLAN].stopped = str(error)
        request.session.shouldstop = str(error)


# Once more, at the end of the run


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A sale that was right when its scenario ended must still be right when the run ends."""
    plan = session.config.stash.get(PLAN, None)
    if plan is None or plan.stopped or not plan.stages:
        return
    around = plan.run.around
    if around.till.ended():
        return
    around.wire.epoch(None)
    everything = around.books.read(Cursor(None, None, None), None)
    lines: Register = session.config.stash[REGISTER]
    for stage, record in plan.stages:
        seen = {(f["requirement"], f["check"], f["sale"]) for f in record["findings"]}
        late = [f for f in judge_again(stage, everything) if (f.requirement, f.check, f.sale) not in seen]
        if late:
            record["findings"] += [as_record(f, lines) for f in late]
            record["outcome"] = worst([ScenarioOutcome(record["outcome"]), outcome_of(late, [], lines)]).value


# Keeping


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    record = item.stash.get(PENDING, None)
    if record is not None and call.when != "teardown" and call.excinfo and "started" in record:
        # Something outside the steps broke, before the scenario or around it: that is ours, unless it was a skip.
        record.pop("started")
        if not call.excinfo.errisinstance(pytest.skip.Exception):
            record["outcome"] = outcome_of_trouble(call.excinfo.value).value
            record["reason"], record["party"] = reason_of([call.excinfo.value])
    return report



@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    record = item.stash.get(PENDING, None)
    if record is not None:
        record.pop("started", None)
        record.pop("trouble", None)
        plan = item.config.stash.get(PLAN, None)
        if plan is not None:
            plan.records.append(record)
