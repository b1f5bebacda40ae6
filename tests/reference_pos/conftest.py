"""A till and a Stripe of its own for these tests: two processes, driven over HTTP only."""

import hashlib
import hmac
import itertools
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import until

SECRET = "whsec_test_of_the_till"
OLD_SECRET = "whsec_before_the_roll"
WITHIN_S = 5.0
NUMBERS = itertools.count(1)

Json = dict[str, Any]


class Venue:
    """The emulator, as the customer and the books see it. One account for each till."""

    def __init__(self, http: httpx.Client, url: str, till_url: str | None = None) -> None:
        self._http, self.url, self.till_url = http, url, till_url or url
        self.key = f"sk_test_{secrets.token_hex(12)}"

    def call(self, method: str, path: str, **params: Any) -> Json:
        where = {"params": params} if method == "GET" else {"data": params}
        answer = self._http.request(method, self.url + path, auth=(self.key, ""), **where)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def control(self, method: str, path: str, **body: Any) -> Json:
        answer = self._http.request(
            method, f"{self.url}/_emulator{path}", json=body, headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.text
        answered: Json = answer.json()
        return answered

    def gateway(self, method: str, path: str, **body: Any) -> Json:
        answer = self._http.request(method, f"{self.url}/_gateway{path}", json=body or None)
        assert answer.status_code == 200, answer.text
        answered: Json = answer.json()
        return answered

    def reader(self) -> str:
        address = {"line1": "1 Quay St", "city": "Portland", "state": "ME", "country": "US", "postal_code": "04101"}
        location = self.call("POST", "/v1/terminal/locations", display_name="Shop",
                             **{f"address[{name}]": value for name, value in address.items()})
        made = self.call("POST", "/v1/terminal/readers", registration_code="simulated-wpe", location=location["id"])
        return str(made["id"])

    def tap(self, reader: str, number: str | None = None, **more: Any) -> Json:
        card = {"type": "card_present", "card_present[number]": number} if number else {}
        path = f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method"
        return self.call("POST", path, **card, **more)

    def intent(self, sale: Json) -> Json:
        return self.call("GET", f"/v1/payment_intents/{sale['payment_intent']}")

    def intents_of(self, sale: str) -> list[Json]:
        every = self.call("GET", "/v1/payment_intents", limit=100)["data"]
        return [one for one in every if one["metadata"].get("sale") == sale]

    def last_event(self, kind: str, about: str) -> Json:
        for event in self.call("GET", "/v1/events", type=kind, limit=100)["data"]:
            if about in json.dumps(event):
                found: Json = event
                return found
        raise AssertionError(f"no {kind} about {about}")


class Shop:
    """One running till and whoever stands at it."""

    def __init__(self, http: httpx.Client, venue: Venue, folder: Path, **env: str) -> None:
        self.http, self.venue, self._folder = http, venue, folder
        self._env = {
            **os.environ, "STRIPE_API_BASE": venue.till_url, "STRIPE_SECRET_KEY": venue.key, "POS_PORT": "0",
            "STRIPE_WEBHOOK_SECRETS": f"{OLD_SECRET},{SECRET}", "POS_DB": str(folder / "till.sqlite3"),
            "POS_TOKEN": "cashier-token", "POS_MANAGER_TOKEN": "manager-token", "POS_PIN": "2580",
            "POS_POLL_S": "0.05", "POS_RETRY_S": "0.05", "POS_UNSURE_S": "0.1", "POS_BUSY_BACKOFF_S": "0.01",
            "POS_BACKOFF_S": "0.01", "POS_TIME_HOOK": "1", "POS_EXIT_WITH_STDIN": "1", "NO_PROXY": "127.0.0.1", **env,
        }
        self.start()

    def start(self) -> None:
        with (self._folder / "till.log").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cardpresent.reference_pos"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, env=self._env)
        assert self.process.stdout is not None
        line = b""
        while not line.startswith(b"till ready on "):
            line = self.process.stdout.readline()
            assert line, (self._folder / "till.log").read_text()
        self.url = line.decode().split()[-1]

    def hang_up(self) -> None:
        """What a launcher's end does to the till."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def kill(self) -> None:
        self.process.kill()
        self._close()

    def stop(self) -> str:
        """End the till the way its launcher does. Returns what it had logged."""
        self.hang_up()
        assert self.process.stdout is not None
        logged = self.process.stdout.read().decode() + (self._folder / "till.log").read_text()
        self._close()
        return logged

    def _close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)

    def ask(self, method: str, path: str, token: str = "cashier-token", **body: Any) -> httpx.Response:
        content = {"json": body} if body else {}
        return self.http.request(method, self.url + path, headers={"Authorization": f"Bearer {token}"}, **content)

    def done(self, method: str, path: str, token: str = "cashier-token", **body: Any) -> Json:
        answer = self.ask(method, path, token, **body)
        assert answer.status_code == 200, answer.text
        answered: Json = answer.json()
        return answered

    def register(self) -> tuple[str, str]:
        """A new register with a new reader: (register, reader)."""
        name, reader = f"lane-{next(NUMBERS)}", self.venue.reader()
        self.done("PUT", f"/registers/{name}", "manager-token", reader=reader)
        return name, reader

    def sell(self, amount: int | str = 2450, **more: Any) -> Json:
        """Start a sale on a register of its own."""
        register = more.pop("register", None) or self.register()[0]
        return self.done("POST", "/sales", sale=f"S-{next(NUMBERS)}", amount=amount, register=register, **more)

    def paid(self, amount: int = 2450, **more: Any) -> Json:
        sale = self.sell(amount, **more)
        self.venue.tap(sale["reader"])
        return self.sees(sale, "paid")

    def sees(self, sale: Json, *outcomes: str, reason: str = "") -> Json:
        """Wait until the till shows one of these outcomes, with these words in it."""
        shown: Json = {}

        def seen() -> bool:
            shown.clear()
            shown.update(self.done("GET", f"/sales/{sale['sale']}"))
            return shown["outcome"] in outcomes and reason in shown["words"]

        until(seen, lambda: f"{outcomes} {reason!r}; last saw {shown['outcome']}: {shown['words']}", WITHIN_S)
        return shown

    def deliver(
        self, event: Json | bytes, *, secret: str = SECRET, age_s: float = 0, signature: str | None = None,
    ) -> int:
        """Post an event as Stripe would, signed unless a `signature` is given; the till's HTTP status."""
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        at = int(time.time() - age_s)
        digest = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
        header = {"Stripe-Signature": f"t={at},v1={digest}"} if signature is None else {"Stripe-Signature": signature}
        headers = {} if signature == "" else header
        return self.http.post(f"{self.url}/webhooks/stripe", content=raw, headers=headers).status_code


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def emulator_url() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cardpresent.emulator", "--port", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def gateway_ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    """A gateway with its own emulator, for what can go wrong between till and Stripe."""
    journal = tmp_path_factory.mktemp("gateway") / "journal.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "cardpresent.gateway", "--journal", str(journal), "--secret", SECRET, "--seed", "7"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def new_venue(http: httpx.Client, emulator_url: str) -> Callable[..., Venue]:
    """Makes a Stripe account of its own, on the shared emulator unless another address is given."""
    return lambda url=emulator_url, till_url=None: Venue(http, url, till_url)


@pytest.fixture(scope="session")
def open_shop(
    http: httpx.Client, new_venue: Callable[..., Venue], tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Shop]]:
    """Opens further tills, each with an account, a database and settings of its own."""
    opened: list[Shop] = []

    def build(venue: Venue | None = None, **env: str) -> Shop:
        opened.append(Shop(http, venue or new_venue(), tmp_path_factory.mktemp("till"), **env))
        return opened[-1]

    yield build
    running = [shop for shop in opened if shop.process.poll() is None]
    for shop in running:
        shop.hang_up()
    for shop in running:
        shop.stop()


@pytest.fixture(scope="session")
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """The till most tests share; each takes a register and a reader of its own."""
    return open_shop()
