"""`make fidelity`: the tests of the emulator, replayed at Stripe's test mode, and where the two differ.

    STRIPE_SECRET_KEY=sk_test_… make fidelity
    STRIPE_SECRET_KEY=sk_test_… make fidelity ARGS="tests/emulator/test_sale.py -k captured"

The tests run on the emulator first and are overheard (recording.py). What speaks only Stripe's own API is then said
again at Stripe, in Stripe's ids, and both answers are compared (replaying.py, comparing.py). So no test need know where
it runs, and no key comes near one. Exit code: 0 no difference, 1 differences, 2 wrong usage, 3 Stripe does not answer,
4 nothing could be recorded, 5 cut short.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from tests.fidelity import reporting
from tests.fidelity.accepted import Accepted
from tests.fidelity.guest import PER_SECOND, STRIPE, Guest, KeyRefused, NoAnswer, checked_key, checked_upstream
from tests.fidelity.leavings import Leavings
from tests.fidelity.replaying import SETTLE_S, Replay, StripeAway
from tests.fidelity.reporting import Outcome
from tests.fidelity.staging import Recorded, read_recording, why_not

ROOT = Path(__file__).resolve().parents[2]
KEY = "STRIPE_SECRET_KEY"
USAGE, AWAY, BROKEN, CUT_SHORT = 2, 3, 4, 5
HOW = f"this replays tests at Stripe's test mode and needs a test-mode key: {KEY}=sk_test_… make fidelity"


def main() -> int:
    arguments = _parser().parse_args()
    try:
        refuse_live_keys()
        if not os.environ.get(KEY):
            raise KeyRefused(HOW)
        key, upstream = checked_key(os.environ[KEY]), checked_upstream(arguments.upstream)
    except (LiveKeyRefused, KeyRefused) as refused:
        _say(f"fidelity: {refused}")
        return USAGE
    recorded = _recorded(arguments)
    if not recorded:
        _say("fidelity: no test was recorded: none was selected, or pytest could not start")
        return BROKEN
    guest = Guest(key, upstream, arguments.per_second)
    accepted = Accepted()
    try:
        with _politely_interrupted():
            outcome = run(recorded, guest, accepted, arguments.country, upstream, arguments.settle_s)
    except (KeyRefused, NoAnswer) as refused:
        _say(f"fidelity: {refused}")
        return AWAY
    finally:
        guest.close()
    page = reporting.write(outcome, accepted, arguments.out, key)
    for line in reporting.for_the_terminal(outcome, accepted, page):
        _say(reporting.without(key, line))
    return CUT_SHORT if outcome.cut_short else int(bool(outcome.found))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__.partition("\n")[0])
    parser.add_argument("tests", nargs="*", default=["tests/emulator"], help="files or tests; all of tests/emulator")
    parser.add_argument("-k", default="", help="only tests whose name this expression of pytest's takes")
    parser.add_argument("--recording", type=Path, help="replay this file, made by tests/fidelity/recording.py before")
    parser.add_argument("--country", default=None, help="the account's country, where its key may not read the account")
    parser.add_argument("--per-second", type=float, default=PER_SECOND, help="requests a second at most")
    parser.add_argument("--settle-s", type=float, default=SETTLE_S, help="how long Stripe is given to finish its work")
    parser.add_argument("--out", type=Path, default=ROOT / "reports" / "out", help="folder for the report")
    parser.add_argument("--upstream", default=STRIPE, help="another Stripe, on this machine only")
    return parser


def _recorded(arguments: argparse.Namespace) -> list[Recorded]:
    if arguments.recording:
        return read_recording(arguments.recording)
    with tempfile.TemporaryDirectory() as folder:
        return record(Path(folder) / "recording.jsonl", arguments.tests, arguments.k)


def record(file: Path, tests: list[str], select: str = "") -> list[Recorded]:
    """Runs the tests on the emulator, without any key in reach, and reads what was heard."""
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--confcutdir", "tests",
        "-p", "tests.fidelity.recording", "--recording", str(file), *(["-k", select] if select else []), *tests,
    ]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        _say(done.stdout + done.stderr)
    return read_recording(file) if file.exists() else []


def run(
    recorded: list[Recorded], guest: Guest, accepted: Accepted, country: str | None = None, upstream: str = STRIPE,
    settle_s: float = SETTLE_S,
) -> Outcome:
    """Replays what can be staged, one test after another, and removes what each left at Stripe, come what may."""
    outcome = Outcome(upstream, country or country_of(guest), f"fid{secrets.token_hex(5)}")
    leavings = Leavings(outcome.run)
    replay = Replay(guest, leavings, accepted, settle_s)
    speaking = [test for test in recorded if test.api]
    outcome.silent = len(recorded) - len(speaking)
    outcome.left_out = {test.name: reason for test in speaking if (reason := why_not(test, outcome.country))}
    try:
        for test in speaking:
            if test.name not in outcome.left_out:
                outcome.played.append(replay.play(test))
                leavings.tidy(guest)
    except KeyboardInterrupt:
        outcome.cut_short, leavings.unsure = "interrupted", True
    except StripeAway as away:
        outcome.cut_short = str(away)
    finally:
        with _undisturbed():
            leavings.tidy(guest)
            leavings.sweep(guest)
    outcome.requests, outcome.tries_again = guest.requests, guest.tries_again
    outcome.removed, outcome.kept = leavings.removed, leavings.kept
    return outcome


def country_of(guest: Guest) -> str:
    """The account's country. A restricted key may not be allowed to ask; then it must be said."""
    reply = guest.ask("GET", "/v1/account")
    if reply.status == 200 and isinstance(reply.answer, dict) and reply.answer.get("country"):
        return str(reply.answer["country"])
    raise KeyRefused("this key may not read its account: say the account's country with --country, as in --country US")


@contextmanager
def _politely_interrupted() -> Iterator[None]:
    """The end of the terminal or of CI ends the run as Ctrl-C does: with everything at Stripe removed."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not keep the first from tidying up."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
