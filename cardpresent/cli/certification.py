"""The course of a certification: make room, start everything, run the scenarios, end everything, tell."""

import contextlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from stripe import StripeError

from cardpresent.certificate.report import Fault, write_whole
from cardpresent.certificate.terminal import show
from cardpresent.cli.order import Order
from cardpresent.cli.progress import Live
from cardpresent.cli.scenarios import run_scenarios
from cardpresent.cli.selection import Listed, UnknownSelection, chosen, listed
from cardpresent.cli.stop import Stop
from cardpresent.cli.telling import Course, tell
from cardpresent.drivers.wire import WireError
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.browser import find_browser
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.plan import Plan
from cardpresent.launch.ports import PortTaken
from cardpresent.launch.run import NotRedirected, Run, opened, secrets_for
from cardpresent.launch.server import ServerDidNotStart
from cardpresent.launch.suite import suite_root
from cardpresent.launch.till import SCRATCH, TillDidNotStart
from cardpresent.model.outcome import Exit, Party
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration
from cardpresent.profile.placeholders import MissingValue

MARK = ".cardpresent-run"
OURS = ("report.json", "journal.jsonl", "certificate.html", "certificate.json", "junit.xml", "harness-error.txt")


def run_order(order: Order, integration: Integration, interruption: Interruption) -> Exit:
    """The whole of a certification; returns the exit code and leaves a report whenever a run was begun."""
    suite, progress = suite_root(), Console(stderr=True)
    register = Register.load(suite / "features" / "requirements.toml")
    everything = listed(suite)
    scenarios = _selected(order, everything, register)
    _make_room(order.out)
    course = Course(
        order.out, order.seed, order.integration, integration, register, scenarios,
        narrowed=len(scenarios) < len(everything), secrets=secrets_for(integration),
    )  # fmt: skip
    begun = time.perf_counter()
    stopped, faults_as_sentences = None, _faults_of_the_run(order.out, course.secrets.all())
    try:
        progress.print(f"seed {order.seed}, report in {order.out}", highlight=False, soft_wrap=True)
        with faults_as_sentences, _opened(course, order, interruption) as run:
            _certify(course, run, suite, progress, interruption)
    except Stop as stop:
        stopped = stop
        course.faults.append(Fault(_PARTIES[stop.exit_code], stop.message))
    except KeyboardInterrupt:
        course.faults.append(Fault("environment", interruption.by or "interrupted from the keyboard"))
    interruption.no_longer()
    course.wall_s = round(time.perf_counter() - begun, 2)
    with _faults_of_the_run(order.out, course.secrets.all()):
        report = tell(course)
    if stopped and course.plan is None:
        raise stopped
    with _nobody_may_read():
        show(report, order.out, Console())
    return Exit(report["exit_code"])


_PARTIES: dict[int, Party] = {Exit.CONFIGURATION.value: "configuration", Exit.HARNESS.value: "harness"}


def _selected(order: Order, everything: list[Listed], register: Register) -> list[Listed]:
    """The scenarios asked for, in their order."""
    try:
        picked = chosen(order.select, everything, register) if order.select else everything
    except UnknownSelection as unknown:
        raise Stop(str(unknown), Exit.USAGE) from None
    if order.smoke:
        picked = [s for s in picked if "smoke" in s.tags]
    if not picked:
        raise Stop("--smoke: nothing that --select names is in the short set; drop one of the two", Exit.USAGE)
    return picked


def _make_room(out: Path) -> None:
    """An earlier run's files in the same folder go first, so that no view of it can be taken for this run's.

    Only in a folder that a run has marked as its own: whatever else lies in a folder is somebody's.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
        if any(out.iterdir()) and not (out / MARK).exists():
            raise Stop(f"--out {out}: holds files that no run wrote; name an empty folder, or a new one", Exit.USAGE)
        (out / MARK).touch()
        # The data of an earlier run's till would meet a Stripe that knows none of it.
        if (out / SCRATCH).is_dir():
            shutil.rmtree(out / SCRATCH)
        for name in OURS:
            (out / name).unlink(missing_ok=True)
        for old in (out / "allure-results").glob("*"):
            old.unlink()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Stop(f"--out {out}: cannot be written ({why}); choose another folder", Exit.USAGE) from None


@contextmanager
def _opened(course: Course, order: Order, interruption: Interruption) -> Iterator[Run]:
    """The run's processes; whatever comes after the last scenario only ends them, and is not interrupted."""
    with opened(course.integration, order.out.resolve(), order.seed, order.port, course.secrets) as run:
        try:
            yield run
        finally:
            interruption.no_longer()


def _certify(course: Course, run: Run, suite: Path, progress: Console, interruption: Interruption) -> None:
    asked = frozenset(s.id for s in course.scenarios) if course.narrowed else None
    course.plan = Plan(run, find_browser(), asked, interruption=interruption)
    with Live(progress, len(course.scenarios)) as live:
        run_scenarios(course.plan, suite, course.out, live, course.register)
    if run.server.alive:
        counts = run.around.emulated.fidelity()
        course.fidelity = {known: counts[known] for known in ("documented", "observed", "assumed") if known in counts}


@contextmanager
def _faults_of_the_run(out: Path, secrets: tuple[str, ...]) -> Iterator[None]:
    """Whatever keeps a run from going on, as one sentence with an exit code."""
    try:
        yield
    except (TillDidNotStart, NotRedirected, PortTaken) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    except MissingValue as error:
        sentence = f"integration file: {error}; set that variable, or write what it stands for"
        raise Stop(sentence, Exit.CONFIGURATION) from None
    except (ServerDidNotStart, WireError, StripeError) as error:
        raise Stop(str(error), Exit.HARNESS) from None
    except OSError as error:
        raise Stop(f"the run cannot go on: {error}; see to that and run it again", Exit.HARNESS) from None
    except Exception as error:
        path = out / "harness-error.txt"
        with contextlib.suppress(OSError):
            write_whole(path, Redactor(secrets).clean_text(traceback.format_exc()))
        said = f"the suite itself failed ({type(error).__name__}); report it with {path}"
        raise Stop(said, Exit.HARNESS) from None


@contextmanager
def _nobody_may_read() -> Iterator[None]:
    """Whoever reads our output may go before we are done (`| head`): the exit code still tells the verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
