"""One recording of some of the emulator's tests, and a second emulator process that plays Stripe to it."""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fidelity.__main__ import ROOT, record, run
from tests.fidelity.accepted import Accepted
from tests.fidelity.between import Between
from tests.fidelity.guest import Guest
from tests.fidelity.reporting import Outcome
from tests.fidelity.staging import Recorded, read_recording

# A sale with its events, a decline, a refund, a repeated key, a list walked by its cursors, a refusal with a param.
CHOSEN = (
    "tests/emulator/test_sale.py",
    "tests/emulator/test_idempotency.py",
    "tests/emulator/test_refunds.py",
    "tests/emulator/test_readers.py",
)
_numbers = itertools.count(1)


class Upstream:
    """A second emulator, in a process of its own. Each test has its own account there."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def call(self, method: str, path: str, **order: Any) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, self.url + path, json=order or None, headers={"Authorization": f"Bearer {self.key}"}, timeout=10
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settings(self, **given: Any) -> None:
        self.call("POST", "/_emulator/account", **given)

    def rows(self, collection: str) -> list[Any]:
        """Everything of a collection."""
        found: list[Any] = []
        page = {"has_more": True}
        while page["has_more"]:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            page = self.call("GET", f"{collection}?limit=100{after}")
            found += page["data"]
        return found


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("recording") / "recording.jsonl"
    record(file, list(CHOSEN))
    return file


@pytest.fixture(scope="session")
def recorded(recording: Path) -> list[Recorded]:
    return read_recording(recording)


@pytest.fixture(scope="session")
def chosen(recorded: list[Recorded]) -> Callable[..., list[Recorded]]:
    """The recorded tests whose names hold one of these words; all of them without any."""

    def choose(*words: str) -> list[Recorded]:
        found = [test for test in recorded if not words or any(word in test.name for word in words)]
        assert found, words
        return found

    return choose


@pytest.fixture(scope="session")
def upstream_url() -> Iterator[str]:
    command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0", "--seed", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def upstream(upstream_url: str) -> Upstream:
    return Upstream(upstream_url, f"sk_test_upstream{next(_numbers):04d}")


@pytest.fixture
def between(upstream: Upstream) -> Iterator[Between]:
    standing = Between(upstream.url)
    yield standing
    standing.close()


@pytest.fixture
def replay(upstream: Upstream, between: Between) -> Callable[..., Outcome]:
    """Replays these tests through what stands between."""

    def play(tests: list[Recorded], accepted: Path | None = None, settle_s: float = 0.3, tries: int = 8) -> Outcome:
        guest = Guest(upstream.key, between.url, per_second=500, tries=tries, back_off_s=0.05)
        try:
            known = Accepted(accepted) if accepted else Accepted()
            return run(tests, guest, known, country="US", upstream=between.url, settle_s=settle_s)
        finally:
            guest.close()

    return play
