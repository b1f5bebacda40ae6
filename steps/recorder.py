"""From what happened to what is reported: one record a scenario, its outcome by the closed list."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from stripe import StripeError

from cardpresent.actors.errors import NotApplicable, NotDemonstrated, OutOfReach, Refuted, TillGone, Undecided, Untold
from cardpresent.actors.network import Network
from cardpresent.actors.person import Person
from cardpresent.actors.stage import Stage
from cardpresent.checks.facts import NothingSeen
from cardpresent.drivers.pos.contract import AdapterContractError
from cardpresent.drivers.pos.port import NotOffered
from cardpresent.drivers.stripe.books import Cursor
from cardpresent.drivers.wire import WireError
from cardpresent.launch.asking import GUIDED, why_not
from cardpresent.launch.browser import Browser, install_command
from cardpresent.launch.people import People, as_sentence
from cardpresent.launch.plan import PLAN, Plan, id_of, scenario_of
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import ScenarioOutcome, worst
from cardpresent.model.requirement import Register
from cardpresent.profile import MAIN, Integration
from cardpresent.profile.prices import NoSuchPrice
from steps.amounts import reworded
from steps.blame import Blame, not_the_tills
from steps.closing import clear, close, judge_again, log_judged
from steps.collection import register, requirements_of, tags_of, texts_of
from steps.disturbance import disturbance_of

DEATHS_THAT_END_A_RUN = 3

Record = dict[str, Any]
REGISTER: pytest.StashKey[Register] = pytest.StashKey()
PENDING: pytest.StashKey[Record] = pytest.StashKey()
RED = (ScenarioOutcome.FAILED, ScenarioOutcome.WARNING)
# What a Stripe that was disturbed may have caused: the suite's own calls to it fail, too.
DISTURBED = (*RED, ScenarioOutcome.HARNESS_ERROR)
# What a scenario that stopped before its last line comes to.
MEANS: Mapping[type[BaseException], ScenarioOutcome] = MappingProxyType(
    {
        NothingSeen: ScenarioOutcome.INCONCLUSIVE,
        Untold: ScenarioOutcome.UNTESTED,
        OutOfReach: ScenarioOutcome.UNTESTED,
        NotApplicable: ScenarioOutcome.NOT_APPLICABLE,
        NotDemonstrated: ScenarioOutcome.NOT_DEMONSTRATED,
        NotOffered: ScenarioOutcome.NOT_DEMONSTRATED,
    }
)


@dataclass(slots=True)
class Course:
    """How a scenario goes, beside what is reported of it. `running` until its record is complete."""

    running: bool = True
    began_s: float = field(default_factory=time.perf_counter)
    stage: Stage | None = None
    network: Network | None = None
    trouble: BaseException | None = None
    gone: TillGone | None = None


COURSE: pytest.StashKey[Course] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REGISTER] = register()


# Planning: what this till cannot be asked


def pytest_runtest_setup(item: pytest.Item) -> None:
    if scenario_of(item) is None:
        return
    record = item.stash[PENDING] = blank(item)
    item.stash[COURSE] = Course()
    plan = item.config.stash.get(PLAN, None)
    if plan is None:
        return
    if plan.interruption.by:
        # It came where Python had to drop it; the run ends here all the same.
        raise KeyboardInterrupt
    record["shop"] = plan.run.integration.shop
    lines = item.config.stash[REGISTER]
    plan.on_last = lambda: last_look(plan, lines)
    verdict = unaskable(item, plan.run.integration, plan.browser) or unanswered(item, plan.people)
    if verdict:
        record["outcome"], record["reason"] = verdict[0].value, verdict[1]
        pytest.skip(verdict[1])


def unaskable(item: pytest.Item, till: Integration, browser: Browser | None) -> tuple[ScenarioOutcome, str] | None:
    """Why a scenario is not put to this till at all."""
    tags = tags_of(item)
    unasked = why_not(tags, till)
    if unasked is None and "page" in tags and browser is None:
        return ScenarioOutcome.NOT_RUN, f"no browser was found; to install one: {install_command()}"
    return unasked or unpriced(item, till)


def unpriced(item: pytest.Item, till: Integration) -> tuple[ScenarioOutcome, str] | None:
    """Why the amounts of a scenario cannot be asked of this till."""
    try:
        reworded(texts_of(item), tags_of(item), till.prices)
    except NoSuchPrice as problem:
        return ScenarioOutcome.NOT_DEMONSTRATED, str(problem)
    return None


def unanswered(item: pytest.Item, people: People) -> tuple[ScenarioOutcome, str] | None:
    """Why nobody is asked what only a person can see; an answer that still counts is kept in the record."""
    if GUIDED not in tags_of(item):
        return None
    unasked = people.why_unasked(id_of(item))
    if unasked and unasked[0] is ScenarioOutcome.ATTESTED and (standing := people.standing(id_of(item))):
        item.stash[PENDING]["attested"] = msgspec.to_builtins(standing)
    return unasked


# Running


def blank(item: pytest.Item) -> Record:
    """A record before anything was learned."""
    scenario = scenario_of(item)
    return {
        "id": id_of(item), "title": scenario.name, "feature": scenario.feature.name,
        "chapter": id_of(item).split("/")[1], "shop": MAIN, "outcome": ScenarioOutcome.NOT_RUN.value,
        "requirements": requirements_of(item), "attempts": 1, "duration_ms": 0.0, "findings": [], "reason": None,
        "party": None, "steps": [], "journal": [0, 0], "log": [], "supplementary": "supplementary" in tags_of(item),
        "staged": [], "replay": None, "by": "person" if GUIDED in tags_of(item) else "machine",
    }  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_before_scenario(request: pytest.FixtureRequest, scenario: Any) -> None:
    record, course = request.node.stash[PENDING], request.node.stash[COURSE]
    around = request.getfixturevalue("run").around
    texts = reworded([step.name for step in scenario.steps], tags_of(request.node), around.prices)
    for step, text in zip(scenario.steps, texts, strict=True):
        step.name = text
    record["steps"] = [{"keyword": s.keyword, "text": s.name, "status": "not reached"} for s in scenario.steps]
    # What the till wrote since the last scenario belongs before the mark that this one's journal begins at.
    Stage(around, scenario="", subject="", number=0).flush_log()
    course.network = request.getfixturevalue("network")
    course.stage = request.getfixturevalue("stage")
    course.began_s = time.perf_counter()


def pytest_bdd_after_step(request: pytest.FixtureRequest, scenario: Any, step: Any) -> None:
    request.node.stash[PENDING]["steps"][scenario.steps.index(step)]["status"] = "passed"


def pytest_bdd_step_error(request: pytest.FixtureRequest, scenario: Any, step: Any, exception: BaseException) -> None:
    request.node.stash[PENDING]["steps"][scenario.steps.index(step)]["status"] = "failed"
    request.node.stash[COURSE].trouble = exception


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest, exception: BaseException) -> None:
    request.node.stash[COURSE].trouble = exception


@pytest.hookimpl(trylast=True)
def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Close the stage inside the test, so that what the invariants find fails the scenario and not its teardown."""
    if isinstance(sys.exc_info()[1], KeyboardInterrupt):
        return
    record, course = request.node.stash[PENDING], request.node.stash[COURSE]
    plan: Plan = request.config.stash[PLAN]
    stage, network = course.stage, course.network
    assert stage is not None and network is not None
    troubles = [course.trouble] if course.trouble else []
    if not any(_gone(t) for t in troubles):
        troubles += close(stage, network, plan.log_judged_n)
    troubles += _unnoticed(plan, troubles)
    course.gone = next((gone for t in troubles if (gone := _gone(t))), None)
    if course.gone:
        # What it wrote last is its own, and not the next scenario's.
        stage.flush_log()
        stage.followed()
        stage.findings += log_judged(stage, plan.log_judged_n)
    plan.log_judged_n = stage.around.wire.journal.last_n
    fill(record, stage, troubles, request.config.stash[REGISTER])
    record["duration_ms"] = round((time.perf_counter() - course.began_s) * 1000, 1)
    course.running = False
    if GUIDED in tags_of(request.node):
        _keep_answer(record, request.getfixturevalue("person"))
    plan.on_closed(stage)
    if course.gone is None and blame_of(stage) is None:
        plan.stages.append((stage, record))
    if course.trouble is None:
        raise_worst(record, stage, troubles)


def _keep_answer(record: Record, person: Person) -> None:
    """A person's yes is an attestation and no pass; until when it counts stands with it."""
    if person.attested is None:
        return
    record["attested"] = msgspec.to_builtins(person.attested)
    if record["outcome"] == ScenarioOutcome.PASSED.value:
        record["outcome"], record["reason"] = ScenarioOutcome.ATTESTED.value, as_sentence(person.attested)


def _gone(trouble: BaseException) -> TillGone | None:
    """A till that went down, or that did not come back after its power was cut."""
    if isinstance(trouble, TillDidNotStart):
        return TillGone(f"the till did not come back: {trouble}", by_itself=trouble.by_itself)
    return trouble if isinstance(trouble, TillGone) else None


def _unnoticed(plan: Plan, troubles: Sequence[BaseException]) -> list[BaseException]:
    """A till that went down after anybody looked: what the scenario saw of it last is worth nothing."""
    gone = None if any(_gone(t) for t in troubles) else plan.run.till.ended()
    return [gone] if gone else []


def fill(record: Record, stage: Stage, troubles: list[BaseException], lines: Register) -> None:
    """What the stage learned, as a record."""
    stage.flush_log()
    evidence = _note_death(stage, troubles)
    if any(isinstance(trouble, AdapterContractError) for trouble in troubles):
        # Whoever worked the till stopped in the middle: what it did then is no evidence against it.
        stage.findings = [finding for finding in stage.findings if finding.holds]
    stage.around.wire.follow()
    findings = [*stage.findings, *(f for t in troubles if (f := finding_of(t, evidence)) and f not in stage.findings)]
    record["staged"] = list(dict.fromkeys(stage.staged))
    stimulus = stimulus_of(stage.staged, emulated=stage.around.emulator is not None)
    record["findings"] = [{**as_record(f, lines), "stimulus": stimulus} for f in findings]
    record["journal"] = [stage.first_n + 1, stage.around.wire.journal.last_n]
    record["log"] = [str(e.data["line"]) for e in stage.journal.kind("log")][-40:]
    outcome = outcome_of(findings, troubles, lines)
    record["reason"], record["party"] = reason_of(troubles)
    if outcome in RED and (blame := blame_of(stage)):
        outcome, record["party"], record["reason"] = blame
    if outcome in DISTURBED and (disturbed := disturbance_of(stage.journal)):
        outcome = ScenarioOutcome.INCONCLUSIVE
        record["reason"], record["party"] = disturbed
    record["outcome"] = outcome.value


def _note_death(stage: Stage, troubles: Sequence[BaseException]) -> tuple[int, ...]:
    """Write down that the till went down; the number of that entry."""
    gone = next((gone for t in troubles if (gone := _gone(t))), None)
    if gone is None:
        return ()
    stage.control("till_gone", by_itself=gone.by_itself, reason=gone.reason)
    return tuple(e.n for e in stage.followed().controls("till_gone"))[-1:]


def blame_of(stage: Stage) -> Blame | None:
    """Why a breach that was seen on this stage is not held against the till; None where it is."""
    around = stage.around
    # What a device presents to its own reader is between the two: only a server's till takes the customer's part.
    return not_the_tills(stage.journal, around.wire.journal, till_taps=around.till_taps or around.by_sdk)


def stimulus_of(staged: Sequence[str], *, emulated: bool) -> list[str]:
    """Whose doing it was that a finding rests on: faults "emulated" by Stripe's stand-in, or "injected" between it and
    the till; where nobody staged any, Stripe's own behaviour ("stripe"), as far as that is not emulated, too."""
    kinds = {what.partition(":")[0] for what in staged} & {"emulated", "injected"}
    return sorted(kinds) or ["emulated" if emulated else "stripe"]


def as_record(finding: Finding, lines: Register) -> Record:
    line = lines[finding.requirement]
    return {**asdict(finding), "evidence": list(finding.evidence), "severity": line.severity, "level": line.level}


def outcome_of(findings: list[Finding], troubles: list[BaseException], lines: Register) -> ScenarioOutcome:
    """The worst of everything that was seen; nothing seen is no pass, and what a killed till did proves nothing."""
    if any((gone := _gone(t)) and not gone.by_itself for t in troubles):
        return ScenarioOutcome.INCONCLUSIVE
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
    if gone := _gone(trouble):
        return ScenarioOutcome.FAILED if gone.by_itself else ScenarioOutcome.INCONCLUSIVE
    if isinstance(trouble, AdapterContractError) and trouble.party == "configuration":
        return ScenarioOutcome.CONFIG_ERROR
    means = (outcome for kind, outcome in MEANS.items() if isinstance(trouble, kind))
    return next(means, ScenarioOutcome.HARNESS_ERROR)


def finding_of(trouble: BaseException, evidence: tuple[int, ...] = ()) -> Finding | None:
    if isinstance(trouble, Refuted):
        return trouble.finding
    gone = _gone(trouble)
    if gone and gone.by_itself:
        return Finding(
            "FD-80", "till.stays_up", False, "a till that keeps running", gone.reason, evidence,
            headline="The till's program ends in the middle of a sale",
        )  # fmt: skip
    return None


def reason_of(troubles: list[BaseException]) -> tuple[str | None, str | None]:
    """Why, and whose turn it is. A till that went down explains whatever else was seen."""
    for trouble in sorted(troubles, key=lambda t: _gone(t) is None):
        if isinstance(trouble, Refuted):
            continue
        if gone := _gone(trouble):
            return gone.reason, "product" if gone.by_itself else "environment"
        if isinstance(trouble, Undecided):
            return trouble.reason, trouble.party
        if isinstance(trouble, NotApplicable | NotDemonstrated | Untold | OutOfReach):
            return trouble.reason, "configuration"
        if isinstance(trouble, AdapterContractError):
            return str(trouble), trouble.party
        return f"{type(trouble).__name__}: {trouble}", "harness"
    return None, None


def raise_worst(record: Mapping[str, Any], stage: Stage, troubles: list[BaseException]) -> None:
    """Let the test fail as the record says it did."""
    for trouble in troubles:
        raise trouble
    if record["outcome"] == ScenarioOutcome.FAILED.value:
        raise Refuted(next(f for f in stage.findings if f.holds is False))
    if record["outcome"] == ScenarioOutcome.INCONCLUSIVE.value:
        raise Undecided(record["reason"] or "nothing was seen that could be judged")


# Between two scenarios


def _go_on_or_stop(plan: Plan, record: Record, course: Course) -> None:
    if plan.run.server.alive:
        _keep_till_up(plan, record, course)
    else:
        plan.stop("the suite's own server process ended in the middle of the run; run it again", "harness")


def _keep_till_up(plan: Plan, record: Record, course: Course) -> None:
    """A till that went down is started again on its data; three times in a row is enough."""
    till, gone = plan.run.till, course.gone
    if gone is None:
        till.deaths = 0
        return
    till.deaths += 1
    if till.deaths >= DEATHS_THAT_END_A_RUN:
        plan.stop(f"the till went down {DEATHS_THAT_END_A_RUN} times in a row: {gone.reason}")
    elif not till.may_restart:
        plan.stop(f"{gone.reason}; its file says that it is not to be started again (process.restart = false)")
    else:
        if course.stage and course.network:
            clear(course.stage, course.network)
        try:
            till.restart()
        except TillDidNotStart as error:
            record["reason"] = f"{gone.reason}; it could not be started again: {error}"
            plan.stop(str(error))


# Once more, at the end of the run


def pytest_sessionfinish(session: pytest.Session) -> None:
    plan = session.config.stash.get(PLAN, None)
    if plan is None:
        return
    last_look(plan, session.config.stash[REGISTER])
    plan.records += [unreached_row(item, plan) for item in plan.left]


def last_look(plan: Plan, lines: Register) -> None:
    """A sale that was right when its scenario ended must still be right when its till has served."""
    if plan.interruption.by:
        plan.stop(plan.interruption.by)
    stages, plan.stages = plan.stages, []
    if plan.stopped or not stages or plan.run.till.ended():
        return
    try:
        _judge_all_again(plan, stages, lines)
    except (WireError, StripeError, TillGone) as error:
        plan.stop(f"at the end of the run, when every sale is judged once more: {error}", "harness")


def unreached_row(item: pytest.Item, plan: Plan) -> Record:
    """Every row of an outline counts: without those that were never reached the rest would speak for the whole."""
    reason = f"the run ended before it: {plan.stopped or 'no reason was given'}"
    return {**blank(item), "shop": plan.run.integration.shop, "reason": reason}


def _judge_all_again(plan: Plan, stages: Sequence[tuple[Stage, Record]], lines: Register) -> None:
    around = plan.run.around
    around.wire.epoch(None)
    everything = around.books.read(Cursor(None, None, None), None)
    for stage, record in stages:
        _add_late(record, judge_again(stage, everything), lines)
    last, record = stages[-1]
    last.flush_log()
    last.followed()
    _add_late(record, [f for f in log_judged(last, plan.log_judged_n) if f.holds is False], lines)


def _add_late(record: Record, found: list[Finding], lines: Register) -> None:
    seen = {(f["requirement"], f["check"], f["sale"]) for f in record["findings"] if f["holds"] is False}
    late = [f for f in found if (f.requirement, f.check, f.sale) not in seen]
    if late:
        stimulus = record["findings"][0]["stimulus"] if record["findings"] else []
        record["findings"] += [{**as_record(f, lines), "stimulus": stimulus} for f in late]
        record["outcome"] = worst([ScenarioOutcome(record["outcome"]), outcome_of(late, [], lines)]).value


# Keeping


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    course = item.stash.get(COURSE, None)
    if course is not None and course.running and call.when != "teardown" and call.excinfo:
        # Something outside the steps broke, before the scenario or around it; a skip was written down already.
        course.running = False
        if not call.excinfo.errisinstance(pytest.skip.Exception):
            _keep_trouble(item, course, call.excinfo.value)
    return report


def _keep_trouble(item: pytest.Item, course: Course, trouble: BaseException) -> None:
    record = item.stash[PENDING]
    course.gone = _gone(trouble)
    found = finding_of(trouble)
    lines = item.config.stash[REGISTER]
    record["findings"] += [{**as_record(found, lines), "stimulus": []}] if found else []
    record["outcome"] = outcome_of_trouble(trouble).value
    record["reason"], record["party"] = reason_of([trouble])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Any:
    """The record is kept whatever a fixture does when it ends."""
    try:
        return (yield)
    finally:
        record, plan = item.stash.get(PENDING, None), item.config.stash.get(PLAN, None)
        if record is not None and plan is not None:
            plan.records.append(record)
            _go_on_or_stop(plan, record, item.stash[COURSE])
            if plan.stopped:
                item.session.shouldstop = plan.stopped
