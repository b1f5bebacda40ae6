"""`cardpresent run -- CMD`: a till at the desk, its Stripe traffic redirected, output and exit code passed on."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.redirect.conftest import PROGRAMS
from tests.waiting import until

LIMIT_S = 60
TILL = str(PROGRAMS / "till.py")
ANSWERS_SIGINT = (
    "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(5)); print('up', flush=True)"
)


class Desk:
    """`cardpresent run` as a process; what it and its till say is read as it comes."""

    def __init__(self, folder: Path, *words: str, env: Mapping[str, str] | None = None) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PYTEST_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cardpresent", "run", *words], cwd=folder, env={**kept, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        self.out: list[str] = []
        self.err: list[str] = []
        pipes = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        self._readers = [threading.Thread(target=kept.extend, args=(pipe,)) for pipe, kept in pipes]
        for reader in self._readers:
            reader.start()

    def ended(self) -> int:
        code = self.process.wait(LIMIT_S)
        for reader in self._readers:
            reader.join(LIMIT_S)
        return code

    @property
    def told(self) -> str:
        return "".join(self.err)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ended()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[type]:
    opened: list[Desk] = []

    def begin(*words: str, env: Mapping[str, str] | None = None) -> Desk:
        opened.append(Desk(tmp_path, "--port", "0", *words, env=env))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


def alive(word: str) -> list[str]:
    """Command lines that hold `word`; read from /proc, so on Linux."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        found += [line] if word in line else []
    return found


def test_a_till_pays_at_the_local_stripe_and_its_exit_code_is_passed_on(desk: type) -> None:
    till = desk("--", "sh", "-c", f"{sys.executable} {TILL} with_requests; exit 7")

    assert till.ended() == 7
    assert till.out[-1].startswith('{"id": "pi_')
    assert "a local Stripe at http://127.0.0.1:" in till.told
    assert "its reader      tmr_" in till.told
    assert "/present" in till.told
    assert "cardpresent: the till has called Stripe: Python 3" in till.told


def test_its_key_and_the_secret_of_its_webhooks_are_handed_over(desk: type) -> None:
    words = ("--key", "sk_test_mine", "--forward-to", "http://127.0.0.1:9/hooks", "--", "sh", "-c")

    till = desk(*words, "echo $STRIPE_SECRET_KEY $STRIPE_WEBHOOK_SECRET", env={"STRIPE_SECRET_KEY": "sk_test_other"})

    assert till.ended() == 0
    key, secret = "".join(till.out).split()
    assert (key, secret[:6]) == ("sk_test_mine", "whsec_")


def test_what_was_sold_is_there_again_with_its_state(desk: type, tmp_path: Path) -> None:
    state = ("--state", "shop.state", "--", sys.executable, "-c")
    ask = (
        "import requests; told = requests.get('https://api.stripe.com/v1/terminal/readers', auth=('sk_test_x', ''));"
        "print([reader['id'] for reader in told.json()['data']])"
    )

    told = []
    for _ in range(2):
        till = desk(*state, ask)
        assert till.ended() == 0, till.told
        told.append("".join(till.out))

    assert told[0] == told[1]
    assert told[0].count("'tmr_") == 1


def test_a_till_that_has_not_called_is_warned_about(desk: type) -> None:
    till = desk("--warn-after", "0.3", "--", "sleep", "60")

    until(lambda: "warning" in till.told, "the warning")
    till.process.send_signal(signal.SIGTERM)

    assert till.ended() == 128 + signal.SIGTERM
    assert "made no call to Stripe in 0.3 s: it is in no language that can be redirected" in till.told
    assert "without a shim: sleep (pid " in till.told


@pytest.mark.parametrize(("how", "code"), [(f"{ANSWERS_SIGINT}; signal.pause()", 5), ("", 130)])
def test_ctrl_c_ends_both(desk: type, tmp_path: Path, how: str, code: int) -> None:
    mark = f"marked-{tmp_path.name}"
    command = (sys.executable, "-c", how, mark) if how else ("sh", "-c", f": {mark}; echo up; sleep 60")
    till = desk("--", *command)
    until(lambda: till.out, "the till")

    till.process.send_signal(signal.SIGINT)

    assert till.ended() == code
    assert alive(mark) == []


def test_a_till_that_does_not_want_to_leave_is_made_to_with_all_that_it_started(desk: type, tmp_path: Path) -> None:
    mark = f"marked-{tmp_path.name}"
    till = desk("--", "sh", "-c", f": {mark}; (sleep 60; : {mark}) & echo up; exit 3")

    assert till.ended() == 3
    assert alive(mark) == []


def test_nothing_outlives_a_desk_that_was_killed(desk: type, tmp_path: Path) -> None:
    mark = f"marked-{tmp_path.name}"
    till = desk("--", "sh", "-c", f": {mark}; echo up; sleep 60")
    until(lambda: till.out, "the till")

    till.process.kill()

    until(lambda: not alive(mark), "the end of the till")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to start; say what, as in: cardpresent run -- npm start"),
        (("--key", "pk_test_1", "--", "true"), 2, "is no test key"),
        (("--", "no-such-program"), 3, "cannot start 'no-such-program' (no such file or directory)"),
        (("--state", "/proc/no/state", "--", "true"), 3, "state"),
    ],
)
def test_what_cannot_be_started_is_said_in_one_sentence(
    desk: type, words: tuple[str, ...], code: int, said: str
) -> None:
    till = desk(*words)

    assert till.ended() == code
    assert said in till.told
    assert "Traceback" not in till.told


def test_a_live_key_is_refused_before_anything_starts(desk: type) -> None:
    till = desk("--", "echo", "started", env={"ANYTHING": "sk_" + "live_canary0000canary"})

    assert till.ended() == 3
    assert "canary" not in till.told
    assert till.out == []
