"""A second emulator process in Stripe's place, and a gateway in front of it as `--stripe test` starts one."""

import itertools
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

ADDRESS: Any = {"line1": "1 Main", "city": "SF", "state": "CA", "country": "US", "postal_code": "94111"}
_NUMBERS = itertools.count(1)


@dataclass
class Remote:
    """Stripe, as far as the gateway can tell, and one account in it that others use, too."""

    url: str
    http: httpx.Client
    key: str

    @property
    def stripe(self) -> stripe.StripeClient:
        """Somebody else's hand in the same account."""
        return stripe.StripeClient(self.key, base_addresses={"api": self.url}, max_network_retries=0)

    def settings(self, **settings: Any) -> None:
        self.control("POST", "account", **settings)

    def control(self, method: str, path: str, **asked: Any) -> Any:
        body = asked or ({} if method == "POST" else None)
        answer = self.http.request(method, f"{self.url}/_emulator/{path}", json=body, auth=(self.key, ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def calls(self) -> list[dict[str, Any]]:
        """What this account was sent, oldest first."""
        answer = self.http.get(f"{self.url}/_emulator/journal?limit=5000", auth=(self.key, ""))
        return list(answer.json()["calls"])

    def ids(self, what: str) -> list[str]:
        found = self.http.get(f"{self.url}/v1/{what}?limit=100", auth=(self.key, "")).json()["data"]
        return [one["id"] for one in found]

    def foreign_payment(self) -> Any:
        return self.stripe.v1.payment_intents.create(payment(777))

    def foreign_reader(self) -> Any:
        place = self.stripe.v1.terminal.locations.create({"display_name": "Theirs", "address": ADDRESS})
        return self.stripe.v1.terminal.readers.create({"registration_code": "simulated-wpe", "location": place.id})


def payment(amount: int = 2000, **more: Any) -> Any:
    return {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"], **more}


@dataclass
class Gateway:
    """`python -m cardpresent.gateway --stripe test` as a run has it."""

    process: "subprocess.Popen[str]"
    till_url: str
    suite_url: str
    key: str
    journal: Path
    http: httpx.Client

    def client(self, base: str, **how: Any) -> stripe.StripeClient:
        return stripe.StripeClient(self.key, base_addresses={"api": base}, **{"max_network_retries": 0, **how})

    @property
    def till(self) -> stripe.StripeClient:
        return self.client(self.till_url)

    @property
    def suite(self) -> stripe.StripeClient:
        return self.client(self.suite_url)

    def control(self, method: str, path: str, **asked: Any) -> Any:
        answer = self.http.request(method, f"{self.suite_url}/_gateway/{path}", json=asked or None, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def entries(self, kind: str, **data: Any) -> list[dict[str, Any]]:
        found = self.control("GET", "journal?limit=5000")["entries"]
        return [e for e in found if e["kind"] == kind and all(e["data"].get(k) == v for k, v in data.items())]

    def reader(self) -> str:
        place = self.suite.v1.terminal.locations.create({"display_name": "Ours", "address": ADDRESS})
        asked: Any = {"registration_code": "simulated-wpe", "location": place.id}
        return str(self.suite.v1.terminal.readers.create(asked).id)

    def sale(self, reader: str, **more: Any) -> Any:
        """A payment that the till has a reader ask for, and a card for it."""
        intent = self.till.v1.payment_intents.create(payment(**more))
        self.till.v1.terminal.readers.process_payment_intent(reader, {"payment_intent": intent.id})
        self.suite.v1.test_helpers.terminal.readers.present_payment_method(reader)
        return intent

    def end(self) -> None:
        """As a run ends that has no time left: its end of the pipe is gone."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


@contextmanager
def remote_stripe() -> Iterator[Remote]:
    """An account at a Stripe of its own."""
    with emulator() as url, httpx.Client(trust_env=False, timeout=10) as client:
        yield new_account(url, client)


@pytest.fixture(scope="session")
def remote_url() -> Iterator[str]:
    with emulator() as url:
        yield url


@contextmanager
def emulator() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cardpresent.emulator"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    yield str(json.loads(process.stdout.readline())["url"])
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def remote(remote_url: str, http: httpx.Client) -> Remote:
    return new_account(remote_url, http)


def new_account(url: str, http: httpx.Client) -> Remote:
    return Remote(url, http, f"sk_test_theUsersOwn{uuid.uuid4().hex}")


@pytest.fixture
def environment(remote: Remote) -> dict[str, str]:
    return environment_for(remote)


def environment_for(remote: Remote) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    return {**kept, "STRIPE_SECRET_KEY": remote.key, "CARDPRESENT_STRIPE_UPSTREAM": remote.url}


@pytest.fixture
def gateways(tmp_path: Path, remote: Remote) -> Iterator[Callable[[], Gateway]]:
    """Starts gateways in front of the remote, each as a run of its own."""
    with starting(tmp_path, remote) as start:
        yield start


@contextmanager
def starting(folder: Path, remote: Remote) -> Iterator[Callable[[], Gateway]]:
    started: list[Gateway] = []

    def start() -> Gateway:
        number = next(_NUMBERS)
        key = f"sk_test_mintedForTheRun{number:04d}"
        journal = folder / f"journal{number}.jsonl"
        process = subprocess.Popen(
            [sys.executable, "-m", "cardpresent.gateway", "--stripe", "test", "--journal", str(journal),
             "--run", f"run{number}x{os.getpid()}"],
            env={**environment_for(remote), "CARDPRESENT_TILL_KEY": key}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout
        told = json.loads(process.stdout.readline())
        started.append(Gateway(process, told["till"], told["suite"], key, journal, remote.http))
        return started[-1]

    yield start
    for one in started:
        one.end()
        if one.process.stdout:
            one.process.stdout.close()


@pytest.fixture
def gateway(gateways: Callable[[], Gateway]) -> Gateway:
    return gateways()


@dataclass
class Shared:
    """A gateway and its account for tests that do not mind what others did there."""

    gateway: Gateway
    remote: Remote


@pytest.fixture(scope="module")
def shared(
    remote_url: str, http: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shared]:
    remote = new_account(remote_url, http)
    with starting(tmp_path_factory.mktemp("shared"), remote) as start:
        yield Shared(start(), remote)
