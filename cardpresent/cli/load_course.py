"""The course of a load run: a till and its readers, customers while it lasts, quiet, the books, a verdict."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from cardpresent.certificate.load_build import LoadTold, build_load_report
from cardpresent.certificate.load_terminal import show_load
from cardpresent.certificate.load_views import write_load_views
from cardpresent.certificate.report import Fault, Report, write_report
from cardpresent.certificate.report import Run as Told
from cardpresent.cli.certification import make_room, nobody_may_read
from cardpresent.cli.faults import as_sentences
from cardpresent.cli.load_driving import ENDS_WITHIN_S, Driving, DrivingFailed, Where, drive
from cardpresent.cli.load_machine import Machine, Sampled
from cardpresent.cli.load_order import LoadOrder, mix_for
from cardpresent.cli.load_progress import LoadProgress
from cardpresent.cli.stop import Stop
from cardpresent.cli.telling import asked_in, fidelity_counts, forms, join_journals, versions_of
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.guard import Guard
from cardpresent.launch.interruption import UNKNOWN_CALL, Interruption
from cardpresent.launch.keys import Secrets
from cardpresent.launch.minting import secrets_for
from cardpresent.launch.run import Run, opened
from cardpresent.launch.suite import suite_root
from cardpresent.loadgen.brief import Brief, Patience, write_brief
from cardpresent.loadgen.lanes import NoLanes, Readers, open_lanes
from cardpresent.loadgen.measured import Measured
from cardpresent.loadgen.reconcile import Reconciled, reconcile
from cardpresent.loadgen.windows import WindowRefused, Windows
from cardpresent.model.outcome import Exit
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration
from cardpresent.profile.answers import answers_of, capabilities_of

BRIEF_NAME: Final = "brief.json"
LOOK_S: Final = 0.25
# A lead that has ended says nothing more; what it wrote last is still on its way.
POLL_S: Final = 0.25


@dataclass(slots=True)
class Course:
    """How far a load run came."""

    order: LoadOrder
    integration: Integration
    secrets: Secrets
    mix: Mapping[str, float]
    measured: Measured = field(default_factory=Measured)
    words: Sequence[str] = ()
    steps: list[dict[str, Any]] = field(default_factory=list)
    workers: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    windows: list[dict[str, Any]] = field(default_factory=list)
    sampled: Sampled | None = None
    reconciled: Reconciled | None = None
    readers: Readers | None = None
    redirection: str | None = None
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    begun: bool = False
    lasted_s: float = 0.0
    wall_s: float = 0.0
    journal: tuple[int, int] = (1, 1)


def run_load(order: LoadOrder, integration: Integration, interruption: Interruption) -> Exit:
    """The whole of a load run; the exit code. Leaves a report whenever customers came."""
    console = Console(stderr=True)
    where = order.where
    mix, left_out = mix_for(order.profile, integration)
    make_room(order.out)
    with as_sentences(order.out, ()):
        secrets = secrets_for(integration)
    course = Course(order, integration, secrets, mix)
    console.print(f"seed {order.seed}, report in {order.out}", highlight=False, soft_wrap=True)
    for kind, why in left_out.items():
        console.print(f"nobody comes for {kind.replace('_', ' ')}: {why}", highlight=False, soft_wrap=True)
    begun = time.perf_counter()
    with as_sentences(order.out, secrets.all()):
        try:
            with opened(integration, order.out, order.seed, order.port, secrets) as run:
                _load(course, run, console, interruption, where)
        except NoLanes as error:
            raise Stop(str(error), Exit.CONFIGURATION) from None
        except DrivingFailed as error:
            raise Stop(str(error), Exit.HARNESS) from None
        except WindowRefused as error:
            raise Stop(f"{order.path}: {error}", Exit.USAGE) from None
    interruption.no_longer()
    join_journals(order.out)
    course.wall_s = round(time.perf_counter() - begun, 2)
    report = _tell(course)
    with nobody_may_read():
        show_load(report, order.out, Console())
    return Exit(report["exit_code"])


def _load(course: Course, run: Run, console: Console, interruption: Interruption, where: Where) -> None:
    """While the till is up: everything but the report."""
    order, around = course.order, run.around
    course.redirection, course.fidelity = run.redirection, around.emulated.fidelity()
    around.wire.epoch(f"load/{order.name}")
    course.readers = readers = open_lanes(around, course.integration, order.profile, order.readers, where.shares)
    for line in readers.said:
        console.print(line, highlight=False, soft_wrap=True)
    Windows(around, readers.readers, order.profile.windows, order.lasts_s).rehearse()
    since = around.books.cursor()
    after = int(around.wire.about()["journal"])
    brief = order.out / BRIEF_NAME
    write_brief(_brief(course, run, readers, where.shares), brief)
    guard = Guard()
    try:
        with LoadProgress(console, order.lasts_s) as progress:
            _drive(course, run, where, brief, guard, progress, interruption)
            if gone := run.till.ended():
                # Whatever it cannot say any more is judged below; this is why it cannot.
                course.faults.append(Fault("environment", f"while customers were there: {gone}"))
            course.reconciled = reconcile(around, readers.lanes, since, after, progress.settling)
    except KeyboardInterrupt:
        # A second wish to end: what was not reconciled is said to be so.
        course.faults.append(
            Fault("environment", f"{interruption.by or UNKNOWN_CALL} before the books were reconciled")
        )
    finally:
        brief.unlink(missing_ok=True)
        guard.end()
    course.journal = (after + 1, int(around.wire.about()["journal"]))


def _drive(
    course: Course, run: Run, where: Where, brief: Path, guard: Guard, progress: LoadProgress,
    interruption: Interruption,
) -> None:  # fmt: skip
    """Let customers come until the last has been served, or until somebody wants an end."""
    order = course.order
    assert course.readers is not None
    driving = drive(where, brief, order.out, order.lasts_s, guard)
    windows = Windows(run.around, course.readers.readers, order.profile.windows, order.lasts_s)
    machine = Machine(run.around.wire, run.till.groups, driving.pids)
    begun_s: float | None = None
    if where.awaited:
        progress.says(_awaits(where))
    try:
        while not driving.over:
            said = driving.hear(LOOK_S)
            if said is not None:
                _heard(course, said)
                progress.hears(said, where.awaited)
            if not course.begun and driving.fallen:
                raise DrivingFailed(f"a process that was to drive load ended before it began: {_last(driving)}")
            if begun_s is None and course.begun:
                begun_s = time.monotonic()
                windows.begin()
                machine.begin()
            machine.follows()
            progress.shows(course.measured, begun_s)
    except KeyboardInterrupt:
        course.faults.append(Fault("environment", interruption.by or UNKNOWN_CALL))
        _close(course, driving, progress, begun_s)
    finally:
        course.lasted_s = time.monotonic() - begun_s if begun_s is not None else 0.0
        try:
            windows.end()
        finally:
            driving.end()
        course.sampled = machine.sampled()
        course.windows = windows.told(course.lasted_s)
    if windows.trouble is not None:
        raise windows.trouble
    if not course.faults:
        _must_be_whole(course, driving, where)


def _close(course: Course, driving: Driving, progress: LoadProgress, begun_s: float | None) -> None:
    """Nobody else comes. A second wish for an end is not heard, so that this one is bounded."""
    if not course.begun:
        return
    progress.says("ending: whoever is at a reader is served")
    driving.stop()
    until = time.monotonic() + ENDS_WITHIN_S
    while not driving.over and time.monotonic() < until:
        if (said := driving.hear(LOOK_S)) is not None:
            _heard(course, said)
        progress.shows(course.measured, begun_s)


def _must_be_whole(course: Course, driving: Driving, where: Where) -> None:
    """A run that drove less than it was to is no proof of anything, however right its books are."""
    measured = course.measured
    missing = set(range(where.shares)) - measured.over
    if missing and not measured.begun:
        raise DrivingFailed(f"Locust drove nobody to the till: {_last(driving)}")
    if missing:
        told = f"of {measured.begun} payments that were begun, {measured.done} were seen to their end"
        who = ", ".join(f"w{share + 1}" for share in sorted(missing))
        course.faults.append(Fault(
            "environment", f"what drives load ended before its last customer had gone ({who}): {told}"
        ))  # fmt: skip
    elif not measured.begun:
        per_s = course.order.per_s or (course.readers.per_s if course.readers else 0.0)
        raise Stop(
            f"nobody came: {course.order.lasts_s:g} s at {per_s:g} customers a second are too little to draw one; take "
            "a longer --duration or a higher --rate",
            Exit.INCOMPLETE,
        )


def _last(driving: Driving) -> str:
    """The last that Locust said."""
    return " / ".join(word.strip() for word in driving.words if word.strip()) or "it said nothing"


def _awaits(where: Where) -> str:
    host, port = where.listen or ("", 0)
    return (
        f"waiting for {where.awaited} worker(s) at {host}:{port}; start each with "
        f"cardpresent load-worker HOST:{port} --integration FILE"
    )


def _heard(course: Course, said: Mapping[str, Any]) -> None:
    """Take in one thing that Locust's process told."""
    what = said["what"]
    if what == "begun":
        course.begun = True
    elif what == "counts":
        share = int(said["share"])
        course.measured.hear(share, said)
        worker = course.workers.setdefault(share, {"name": f"w{share + 1}", "lost": False})
        worker |= {"started": said["started"], "finished": said["finished"]}
        if said["trouble"] and not worker.get("trouble"):
            worker["trouble"] = said["trouble"]
            course.faults.append(Fault("harness", f"while driving load: {said['trouble']}"))
    elif what == "worker":
        course.workers[int(said["share"])] = {
            "name": f"w{int(said['share']) + 1}",
            "lost": False,
            "started": 0,
            "finished": 0,
        }
    elif what == "lost":
        worker = course.workers.setdefault(int(said["share"]), {"started": 0, "finished": 0})
        worker |= {"name": f"w{int(said['share']) + 1}", "lost": True}
        told = f"worker {worker['name']} was lost after {worker['started']} payments"
        course.faults.append(Fault("environment", told))
    elif what == "steps":
        course.steps = list(said["steps"])


def _brief(course: Course, run: Run, readers: Readers, shares: int) -> Brief:
    order, around, timing = course.order, run.around, course.integration.timing
    start = course.integration.operations["start_sale"]
    poll_ms = course.integration.load.poll_ms or (start.poll.every_ms if start.poll else None)
    door = run.addresses.door
    return Brief(
        integration=str(course.integration.path), venue="emulator", till=run.till.base_url, values=dict(run.values),
        door=door.base, door_token=door.token,
        key=run.secrets.api_key, account=str(run.values.get("connected_account") or ""), secrets=around.secrets,
        salt=around.salt, seed=order.seed, scenario=f"load/{order.name}", per_s=order.per_s or readers.per_s,
        duration_s=order.lasts_s, mix=dict(course.mix), phases=order.profile.phases, lanes=readers.lanes, shares=shares,
        patience=Patience(
            poll_s=poll_ms / 1000 if poll_ms else POLL_S, deadline_s=timing.deadline_s, settle_s=timing.settle_s,
            unknown_within_s=timing.unknown_within_s, customer_s=order.profile.patience_s, hand_s=order.profile.hand_s,
        ),
    )  # fmt: skip


# What is told


def _tell(course: Course) -> Report:
    order = course.order
    register = Register.load(suite_root() / "features" / "requirements.toml")
    clean: Callable[[Any], Any] = Redactor(course.secrets.all()).clean
    told = LoadTold(
        run=_frame(course), id=f"load/{order.name}", question=order.profile.question, journal=course.journal,
        duration_ms=course.lasted_s * 1000, load=_figures(course),
        findings=course.reconciled.findings if course.reconciled else (),
        staged=[window["what"] for window in course.windows],
    )  # fmt: skip
    report = build_load_report(told, register, clean)
    write_report(order.out, report)
    write_load_views(report, order.out)
    return report


def _frame(course: Course) -> Told:
    till, order = course.integration.till, course.order
    return Told(
        id=order.out.name, venue="emulator", seed=str(order.seed),
        till={"name": till.name, "build": till.build, "kind": till.kind, "country": till.country,
              "capture": till.capture, "behind": till.behind, "shops": [], "data": {}},
        answers=answers_of(course.integration), capabilities=capabilities_of(course.integration),
        versions=versions_of(course.integration),
        reliance={"redirection": course.redirection or "none: the till never ran",
                  "asked_in": asked_in(course.integration), "sdk": None, "fidelity": fidelity_counts(course.fidelity),
                  "books_or_word": forms(f.check for f in (course.reconciled.findings if course.reconciled else ())),
                  "staged": [window["what"] for window in course.windows]},
        timing={"wall_s": course.wall_s, "load_s": round(course.lasted_s, 2)},
        today=datetime.now(UTC).date(), integration=str(order.integration) if order.integration else None,
        faults=course.faults,
    )  # fmt: skip


def _figures(course: Course) -> dict[str, Any]:
    order, measured, books = course.order, course.measured, course.reconciled
    assert course.readers is not None
    # What Locust takes to end is no time in which anybody could have been served.
    spent_s = max(min(order.lasts_s, course.lasted_s), measured.last_end_s) or 1.0
    latency = measured.latency()
    share_of_errors = measured.errors / len(measured.ended) if measured.ended else 0.0
    figures = {
        "p95_ms": latency["p95"], "p99_ms": latency["p99"], "error_rate": share_of_errors if measured.ended else None,
        "payments_per_s": measured.done / spent_s,
        "stripe_calls_per_payment": books.calls / measured.done if books and measured.done else None,
    }  # fmt: skip
    return {
        "name": order.name, "profile": order.called, "question": order.profile.question,
        "duration_s": round(course.lasted_s, 2), "asked_s": order.lasts_s,
        "asked": {"per_s": round(order.per_s or course.readers.per_s, 3), "readers": len(course.readers.readers),
                  "lanes": len(course.readers.lanes), "workers": max(1, len(course.workers)), "mix": dict(course.mix)},
        "payments": {
            "started": measured.begun, "finished": measured.done, "accepted": books.accepted if books else 0,
            "refused": books.refused if books else 0, "unsettled": books.unsettled if books else measured.begun,
            "errors": measured.errors,
        },
        "problems": [{"what": what, "times": times} for what, times in measured.problems()[:10]],
        "error_rate": share_of_errors, "per_s": round(figures["payments_per_s"] or 0.0, 3),
        "stripe_calls_per_payment": figures["stripe_calls_per_payment"],
        "latency_ms": latency, "steps": course.steps,
        "goals": order.all_goals(course.integration).held(figures),
        "series": measured.series(order.lasts_s), "windows": course.windows, "books": _books(course),
        "machine": course.sampled.told() if course.sampled else {"cores": 0, "parts": []},
        "workers": [course.workers[share] for share in sorted(course.workers)],
    }  # fmt: skip


def _books(course: Course) -> dict[str, Any]:
    books = course.reconciled
    if books is None:
        return {"sales": 0, "charges": 0, "captured": [], "refunded": [], "till_paid": None, "unclaimed": []}
    return {
        "sales": books.sales, "charges": books.charges, "captured": _sums(books.captured),
        "refunded": _sums(books.refunded), "till_paid": None if books.till_paid is None else _sums(books.till_paid),
        "unclaimed": [
            {"payment_intent": p["id"],
             "captured": {"minor_units": int(p["amount_received"]), "currency": str(p["currency"])}}
            for p in books.unclaimed
        ],
    }  # fmt: skip


def _sums(by_currency: Mapping[str, int]) -> Sequence[Mapping[str, Any]]:
    return [{"minor_units": sum_, "currency": currency} for currency, sum_ in sorted(by_currency.items())]
