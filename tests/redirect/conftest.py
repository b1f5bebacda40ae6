"""A local Stripe, and programs that know nothing of it, started with the shims around them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cardpresent.launch.redirecting import Redirecting
from cardpresent.launch.shims import Hello

PROGRAMS = Path(__file__).parent / "programs"
CLIENTS = Path(sys.prefix) / "clients"
KEY = "sk_test_minted0000000000000000000000"
HOW_TO_GET = {"ruby": "apt-get install ruby", "php": "apt-get install php-cli php-curl"}


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended: the JSON it printed last, and what its shim said of it."""

    code: int
    said: Any
    errors: str
    hellos: list[Hello]

    @property
    def hello(self) -> Hello:
        """The one process that called Stripe or was stopped on its way."""
        [found] = [hello for hello in self.hellos if hello.redirected or hello.refused]
        return found

    def was_stopped(self, why: str) -> None:
        """The program was told why, so was whoever reads its errors and its shim's word, and none repeats a key."""
        assert why in self.said["error"]
        assert f"cardpresent: {why}" in self.errors
        assert "live_of_somebody" not in self.errors + str(self.hellos)
        assert [what for what in self.hello.refused if why in what]
        assert self.hello.redirected == 0


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def local_stripe() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cardpresent", "emulate", "--port", "0"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def run(local_stripe: str, tmp_path: Path) -> Iterator[Run]:
    """Runs a command with the shims around it, in an environment without proxies and keys of the developer's."""
    redirecting = Redirecting(tmp_path / "hellos", with_shims=True)

    def ran(*command: str | Path, env: Mapping[str, str] | None = None, ports: Mapping[str, str] | None = None) -> Ran:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PYTEST_"))}
        around = redirecting.around(kept, env or {}, local_stripe, KEY, ports or {})
        done = subprocess.run(
            [str(word) for word in command], env=around, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        said = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None
        return Ran(done.returncode, said, done.stderr, redirecting.hellos())

    yield ran
    redirecting.end()


@pytest.fixture
def payments(local_stripe: str) -> Iterator[Callable[[], dict[str, str]]]:
    """The descriptions of the PaymentIntents that were made under the run's key, by id."""
    with httpx.Client(base_url=local_stripe, auth=(KEY, ""), trust_env=False) as http:

        def read() -> dict[str, str]:
            return {one["id"]: one["description"] for one in http.get("/v1/payment_intents?limit=100").json()["data"]}

        yield read


def interpreter(name: str) -> str:
    """Its path; where this machine has none, the test is skipped, and the summary says how to get one."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} here, so this is not proven; on Debian and Ubuntu: {HOW_TO_GET[name]}")
    return found
