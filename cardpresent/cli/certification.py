"""The course of a certification: make room, have the lanes run the scenarios, join what they left, tell."""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from cardpresent.certificate.report import Fault
from cardpresent.certificate.terminal import show
from cardpresent.cli.again import Again
from cardpresent.cli.faults import as_sentences
from cardpresent.cli.lanes import Lanes
from cardpresent.cli.leftovers import told as told_left
from cardpresent.cli.order import Order
from cardpresent.cli.progress import Live
from cardpresent.cli.selection import Listed, UnknownSelection, chosen, listed
from cardpresent.cli.share import Share, lanes_for
from cardpresent.cli.stop import Stop
from cardpresent.cli.telling import Course, join_journals, tell
from cardpresent.evidence.replay import PREFIX as REPLAY
from cardpresent.launch.folders import PARTS, SCRATCH
from cardpresent.launch.interruption import UNKNOWN_CALL, Interruption
from cardpresent.launch.minting import secrets_for
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration, IntegrationError
from cardpresent.profile.waivers import Waivers, load_waivers

if TYPE_CHECKING:
    from cardpresent.cli.reach import Reach

MARK = ".cardpresent-run"
OURS = (
    "report.json", "journal.jsonl", "certificate.html", "certificate.json", "junit.xml", "harness-error.txt",
    "load.html", "brief.json",
)  # fmt: skip
# What Locust wrote beside a load run's report.
LOCUST = "locust"


def run_order(order: Order, integration: Integration, interruption: Interruption) -> Exit:
    """The whole of a certification; returns the exit code and leaves a report whenever a run was begun."""
    suite, progress = suite_root(), Console(stderr=True)
    register = Register.load(suite / "features" / "requirements.toml")
    waivers = _waivers(order, register)
    everything = listed(suite)
    chosen_ones = _selected(order, everything, register)
    beside = _beside(order, everything, chosen_ones)
    scenarios = [one for one in everything if one in chosen_ones or one.id in beside]
    _same_till(order, integration)
    within = reach_of(order, integration, suite, scenarios)
    make_room(order.out)
    with as_sentences(order.out, ()):
        secrets = secrets_for(integration)
    share = Share(scenarios, integration, repeat=order.repeat, once=beside, planned=within.planned if within else None)
    course = Course(
        order.out, order.seed, order.integration, integration, register, scenarios, share,
        narrowed=order.again is not None or len(scenarios) < len(everything), secrets=secrets, waivers=waivers,
        today=order.today, again=order.again, venue=order.venue, beyond=within.beyond if within else (),
    )  # fmt: skip
    begun = time.perf_counter()
    try:
        progress.print(f"seed {order.seed}, report in {order.out}", highlight=False, soft_wrap=True)
        for line in within.announced(order) if within else ():
            progress.print(line, highlight=False, soft_wrap=True)
        with as_sentences(order.out, secrets.all()):
            _certify(course, order, progress, interruption)
    except KeyboardInterrupt:
        fault = Fault("environment", interruption.by or UNKNOWN_CALL)
        course.gathered.faults[:] = [fault, *(f for f in course.gathered.faults if f != fault)]
    interruption.no_longer()
    course.wall_s = round(time.perf_counter() - begun, 2)
    gathered = course.gathered
    with as_sentences(order.out, secrets.all()):
        report = tell(course)
    if gathered.first_stop and not gathered.up:
        raise gathered.first_stop
    with nobody_may_read():
        show(report, order.out, Console())
        for line in told_left(report["reliance"]):
            progress.print(line, highlight=False, soft_wrap=True)
    return Exit(report["exit_code"])


def _certify(course: Course, order: Order, progress: Console, interruption: Interruption) -> None:
    count = lanes_for(course.integration, course.scenarios, order.lanes, os.cpu_count() or 1)
    if order.port is not None:
        count = 1
    with Live(progress, course.share.total) as live:
        lanes = Lanes(order, course.secrets, course.share, count, live, interruption)
        course.gathered = lanes.gathered
        try:
            lanes.run()
        finally:
            join_journals(order.out)


def _same_till(order: Order, integration: Integration) -> None:
    """What one till left over is not put to another."""
    if order.again and order.again.till != integration.till.name:
        told = f"{order.again.path} is about {order.again.till!r}, and {integration.path.name} describes"
        raise Stop(f"--rerun: {told} {integration.till.name!r}; name that till's own report with --from", Exit.USAGE)


def _waivers(order: Order, register: Register) -> Waivers:
    """What the team accepts for now. Raises Stop for a file that cannot be used."""
    if order.waiver_file is None:
        return Waivers()
    try:
        return load_waivers(order.waiver_file, register.requirements, order.today)
    except IntegrationError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None


def scenarios_of(order: Order, suite: Path, register: Register) -> list[Listed]:
    """The scenarios that an order is about, in their order. Raises Stop for one that names none."""
    everything = listed(suite)
    chosen_ones = _selected(order, everything, register)
    beside = _beside(order, everything, chosen_ones)
    return [one for one in everything if one in chosen_ones or one.id in beside]


def reach_of(order: Order, integration: Integration, suite: Path, scenarios: list[Listed]) -> "Reach | None":
    """What can be put to the till at Stripe's test mode; None at the emulator. Raises Stop where nothing can."""
    if not order.country:
        return None
    # Loaded where it is asked: nothing else of a run needs to know what cannot be staged.
    from cardpresent.cli.reach import nothing_within, reach
    from cardpresent.launch.test_mode import too_short

    within = reach(scenarios, integration, suite, order.country)
    if not within.planned:
        raise Stop(nothing_within(within), Exit.CONFIGURATION)
    for shop in within.planned:
        if short := too_short(integration.every_shop[shop]):
            raise Stop(short, Exit.CONFIGURATION)
    return within


def _selected(order: Order, everything: list[Listed], register: Register) -> list[Listed]:
    """The scenarios asked for, in their order."""
    if order.again:
        return _left_over(order.again, everything)
    try:
        picked = chosen(order.select, everything, register) if order.select else everything
    except UnknownSelection as unknown:
        raise Stop(str(unknown), Exit.USAGE) from None
    if order.smoke:
        picked = [s for s in picked if "smoke" in s.tags]
    if not picked:
        raise Stop("--smoke: nothing that --select names is in the short set; drop one of the two", Exit.USAGE)
    return picked


def _left_over(again: Again, everything: list[Listed]) -> list[Listed]:
    picked = [scenario for scenario in everything if scenario.id in again.ids]
    if not picked:
        why = "names no scenario that this version has"
        raise Stop(f"--rerun failed: {again.path}: {why}; run the whole checklist", Exit.USAGE)
    return picked


def _beside(order: Order, everything: list[Listed], picked: list[Listed]) -> frozenset[str]:
    """The ids of what runs once beside what was picked."""
    known = {one.id for one in picked}
    wanted = (one for one in everything if order.beside == "everything" or "smoke" in one.tags)
    return frozenset(one.id for one in wanted if order.beside and one.id not in known)


def make_room(out: Path) -> None:
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
        for folder in (SCRATCH, PARTS, LOCUST):
            if (out / folder).is_dir():
                shutil.rmtree(out / folder)
        for name in OURS:
            (out / name).unlink(missing_ok=True)
        for old in (*(out / "allure-results").glob("*"), *out.glob(f"{REPLAY}*.json")):
            old.unlink()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Stop(f"--out {out}: cannot be written ({why}); choose another folder", Exit.USAGE) from None


@contextmanager
def nobody_may_read() -> Iterator[None]:
    """Whoever reads our output may go before we are done (`| head`): the exit code still tells the verdict."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
