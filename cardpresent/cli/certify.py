"""`cardpresent certify`: put the checklist to a till and end in a verdict."""

import os
import secrets as random_source
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from cardpresent import __version__
from cardpresent.certificate.allure_bridge import AllureBridge
from cardpresent.certificate.report import Fault, build_report, write_report
from cardpresent.certificate.report import Run as Told
from cardpresent.certificate.requirements import Capability
from cardpresent.certificate.terminal import show
from cardpresent.certificate.views import write_views
from cardpresent.cli.progress import Live
from cardpresent.cli.selection import Listed, UnknownSelection, chosen, listed
from cardpresent.drivers.wire import WireError
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.browser import find_browser
from cardpresent.launch.keys import KEY_VARIABLES, LiveKeyRefused, refuse_live_keys
from cardpresent.launch.plan import PLAN, Plan, id_of, suite_root
from cardpresent.launch.run import NotRedirected, Run, opened
from cardpresent.launch.server import ServerDidNotStart
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.outcome import Exit, ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import CAPABILITIES, Integration, IntegrationError, load

OURS = ("report.json", "journal.jsonl", "certificate.html", "certificate.json", "junit.xml")


@dataclass(slots=True)
class Order:
    """What was asked for on the command line."""

    integration: Path | None
    out: Path
    seed: int
    select: tuple[str, ...]
    smoke: bool
    port: int | None
    faults: list[Fault] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.integration or suite_root() / "fixtures" / "integrations" / "reference_pos.toml"


class Stop(click.ClickException):
    """An ordinary failure: one sentence and the right exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        # click declares it on the class, and reads it off the instance.
        setattr(self, "exit_code", int(code))  # noqa: B010

    def show(self, file: Any = None) -> None:
        click.echo(f"cardpresent: {self.message}", err=True, file=file)


@click.command()
@click.option(
    "--integration", type=click.Path(path_type=Path), help="How your till is described; the reference POS if left out."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report; default reports/out/<run>.")
@click.option("--seed", type=click.IntRange(0), help="Replay the stimuli of an earlier run; fresh if left out.")
@click.option("--select", multiple=True, metavar="WHAT", help="A requirement (FD-26), feature or scenario; repeatable.")
@click.option("--smoke", is_flag=True, help="Only the short set, in about ten seconds; never certifies the whole list.")
@click.option(
    "--stripe",
    "venue",
    type=click.Choice(["emulator", "test"]),
    default="emulator",
    show_default=True,
    help="Which Stripe stands behind the till.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port for the till; a free one if left out.")
def certify(
    integration: Path | None, out: Path | None, seed: int | None, select: tuple[str, ...], smoke: bool, venue: str,
    port: int | None,
) -> None:  # fmt: skip
    """Put the checklist to a till and write a certificate.

    \b
    Exit codes: 0 certified · 1 refused · 2 usage · 3 configuration · 4 fault of the suite · 5 incomplete.
    """
    refuse_secrets(venue)
    chosen_seed = seed if seed is not None else random_source.randbelow(2**32)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = out or Path("reports/out") / f"{stamp}-{chosen_seed:08x}"
    order = Order(integration, folder, chosen_seed, select, smoke, port)
    sys.exit(int(run_order(order, Console(stderr=True), Console())))


def refuse_secrets(venue: str) -> None:
    """Live keys are refused before anything else; test mode is refused as long as it is not there."""
    try:
        refuse_live_keys()
    except LiveKeyRefused as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    if venue == "test":
        named = [name for name in KEY_VARIABLES if os.environ.get(name)]
        need = "" if named else f" (it will need a test key in {KEY_VARIABLES[0]})"
        raise Stop(
            f"--stripe test is not built yet{need}: run without it to certify on the embedded emulator",
            Exit.CONFIGURATION,
        )


def run_order(order: Order, progress: Console, results: Console) -> Exit:
    """The whole of a certification; returns the exit code and leaves a report whenever a run was begun."""
    suite = suite_root()
    register = Register.load(suite / "features" / "requirements.toml")
    scenarios = _selected(order, suite, register)
    try:
        integration = load(order.file)
    except IntegrationError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    _make_room(order.out)
    progress.print(f"seed {order.seed}, report in {order.out}", highlight=False)
    begun = time.perf_counter()
    with _started(order, integration, register) as run:
        plan = Plan(run, find_browser(), None if scenarios is None else frozenset(s.id for s in scenarios))
        total = len(scenarios) if scenarios is not None else len(listed(suite))
        with Live(progress, total) as live:
            _run_suite(plan, suite, order.out, live, register)
        fidelity = _fidelity(run)
    wall_s = round(time.perf_counter() - begun, 2)
    told = _told(order, integration, plan, fidelity, wall_s, scenarios)
    report = build_report(told, register, plan.records, Redactor(run.secrets.all()).clean)
    write_report(order.out, report)
    write_views(order.out)
    show(report, order.out, results)
    return Exit(report["exit_code"])


def _selected(order: Order, suite: Path, register: Register) -> list[Listed] | None:
    """The scenarios asked for; None for all."""
    everything = listed(suite)
    try:
        picked = chosen(order.select, everything, register) if order.select else everything
    except UnknownSelection as unknown:
        raise Stop(str(unknown), Exit.USAGE) from None
    if order.smoke:
        picked = [s for s in picked if "smoke" in s.tags]
    return None if len(picked) == len(everything) else picked


def _make_room(out: Path) -> None:
    """An earlier run's files in the same folder go first, so that no view of it can be taken for this run's."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in OURS:
            (out / name).unlink(missing_ok=True)
        for old in (out / "allure-results").glob("*"):
            old.unlink()
    except OSError as error:
        raise Stop(f"--out {out}: cannot be written: {error.strerror}; choose another folder", Exit.USAGE) from None


@contextmanager
def _started(order: Order, integration: Integration, register: Register) -> Iterator[Run]:
    try:
        with opened(integration, order.out.resolve(), order.seed, order.port) as run:
            yield run
    except (TillDidNotStart, NotRedirected) as error:
        _leave_incomplete(order, integration, register, Fault("configuration", str(error)))
        raise Stop(str(error), Exit.CONFIGURATION) from None
    except (ServerDidNotStart, WireError) as error:
        _leave_incomplete(order, integration, register, Fault("harness", str(error)))
        raise Stop(str(error), Exit.HARNESS) from None


def _leave_incomplete(order: Order, integration: Integration, register: Register, fault: Fault) -> None:
    """A report that says why nothing was judged; never *certified*."""
    told = _told(order, integration, None, {}, 0.0, [], (fault,))
    (order.out / "journal.jsonl").touch()
    write_report(order.out, build_report(told, register, []))
    write_views(order.out)


class _Selection:
    """A pytest plugin: hands over the plan, leaves out what was not asked for, and tells how it goes."""

    def __init__(self, plan: Plan, live: Live) -> None:
        self._plan = plan
        self._live = live
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
            self.problems.append(report.longreprtext)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._live.begins(nodeid.partition("::")[2].removeprefix("test_").replace("_", " "))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        if self._plan.records:
            record = self._plan.records[-1]
            self._live.ends(record["title"], record["outcome"], _why(record))


def _why(record: Mapping[str, Any]) -> str | None:
    broken = next((f for f in record["findings"] if f["holds"] is False), None)
    if broken:
        return f"{broken['requirement']}: expected {broken['expected']}, observed {broken['observed']}"
    return record["reason"] if isinstance(record["reason"], str) else None


def _run_suite(plan: Plan, suite: Path, out: Path, live: Live, register: Register) -> None:
    """pytest over the features, in this process, with the suite's own configuration and nothing of the user's."""
    selection = _Selection(plan, live)
    clean = Redactor(plan.run.secrets.all()).clean
    arguments = [
        "-c", str(suite / "reports" / "pytest.ini"), "--rootdir", str(suite), "--confcutdir", str(suite),
        "--capture=no", "-p", "no:terminal",
        "--alluredir", str(out / "allure-results"), str(suite / "features"),
    ]  # fmt: skip
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        code = pytest.main(arguments, plugins=[selection, AllureBridge(register, clean)])
    finally:
        os.environ.update(kept)
    if code == pytest.ExitCode.INTERRUPTED and not plan.stopped:
        plan.stopped = selection.problems[0] if selection.problems else "interrupted from the keyboard"
    elif code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}:
        plan.stopped = selection.problems[0] if selection.problems else f"pytest ended with {code!s}"


def _fidelity(run: Run) -> dict[str, Any]:
    counts = run.around.emulated.fidelity()
    return {known: counts[known] for known in ("documented", "observed", "assumed") if known in counts}


def _told(
    order: Order, integration: Integration, plan: Plan | None, fidelity: Mapping[str, Any], wall_s: float,
    scenarios: list[Listed] | None, faults: tuple[Fault, ...] = (),
) -> Told:  # fmt: skip
    till = integration.till
    records = plan.records if plan else []
    selected = None if scenarios is None else sorted({t for s in scenarios for t in s.tags if t[:3] in _LINES})
    if plan and plan.stopped:
        faults = (*faults, Fault("environment", plan.stopped))
    durations = sorted(float(r["duration_ms"]) for r in records if r["outcome"] == ScenarioOutcome.PASSED.value)
    median = durations[len(durations) // 2] / 1000 if durations else 0.0
    return Told(
        id=order.out.name, venue="emulator", seed=str(order.seed),
        till={"name": till.name, "build": till.build, "kind": till.kind, "country": till.country,
              "capture": till.capture},
        answers={"kind": till.kind, "country": till.country, "capture": till.capture},
        capabilities={n: Capability(c.state, c.reason) for n in CAPABILITIES for c in [integration.capability(n)]},
        versions=_versions(integration),
        reliance={"redirection": plan.run.redirection if plan else "none: the till never ran",
                  "books_or_word": _forms(records), "fidelity": dict(fidelity),
                  "staged": sorted({s for r in records for s in r["staged"]})},
        timing={"wall_s": wall_s, "scenario_median_s": round(median, 4)},
        today=datetime.now(UTC).date(), integration=str(order.integration) if order.integration else None,
        selected=selected, faults=faults,
    )  # fmt: skip


_LINES = ("DC-", "EX-", "FD-")


def _forms(records: list[dict[str, Any]]) -> dict[str, int]:
    checks = [f["check"] for r in records for f in r["findings"]]
    return {"books": checks.count("invariants.till_books_agree"), "word": checks.count("invariants.captured_as_told")}


def _versions(integration: Integration) -> dict[str, str]:
    import stripe

    return {
        "cardpresent": __version__, "stripe": stripe.VERSION, "stripe_api": stripe.api_version or "2026-10-28.endive",
        "python": sys.version.split()[0], "integration_sha256": integration.digest,
    }  # fmt: skip
