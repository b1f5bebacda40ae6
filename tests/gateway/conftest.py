"""A gateway in its own process, a till made of the official client, and a till's webhook endpoint."""

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
import uvicorn

CANARY = "canary-7f3a-never-written"
_KEYS = itertools.count(1)


@dataclass
class Server:
    """A gateway process and its two addresses."""

    process: "subprocess.Popen[str]"
    till: str
    suite: str
    journal: Path


def start_gateway(folder: Path, *options: str) -> Server:
    journal = folder / "journal.jsonl"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cardpresent.gateway",
            "--journal",
            str(journal),
            "--seed",
            "7",
            "--secret",
            CANARY,
            *options,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = json.loads(process.stdout.readline())
    return Server(process, line["till"], line["suite"], journal)


def end_gateway(server: Server) -> None:
    process = server.process
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    process.wait(10)
    if process.stdout:
        process.stdout.close()


@dataclass
class Received:
    """One POST to the till's webhook endpoint, and whether the official library took it for genuine."""

    id: str
    type: str
    verified: bool
    at: float
    body: bytes


@dataclass
class Receiver:
    """A till's webhook endpoint: verifies as the official library does, 200 when genuine, 400 when not.

    `answers` overrides the status of the next deliveries; `pause_s` makes it slow.
    """

    url: str = ""
    secret: str = "whsec_right_secret_0123456789"
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    pause_s: float = 0.0
    under_way: int = 0
    most_at_once: int = 0
    _grown: threading.Condition = field(default_factory=threading.Condition)

    def types(self) -> list[str]:
        return [one.type for one in self.received]

    def wait_for(self, count: int, within_s: float = 5.0) -> list[Received]:
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.received) >= count, within_s), self.types()
        return self.received

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        import asyncio

        body, headers = (await receive())["body"], dict(scope["headers"])
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        await asyncio.sleep(self.pause_s)
        self.under_way -= 1
        try:
            stripe.Webhook.construct_event(body, headers.get(b"stripe-signature", b"").decode(), self.secret)  # type: ignore[no-untyped-call]
            verified = True
        except (stripe.SignatureVerificationError, ValueError):
            verified = False
        event = json.loads(body)
        with self._grown:
            self.received.append(Received(event["id"], event["type"], verified, time.time(), body))
            self._grown.notify_all()
        status = self.answers.pop(0) if self.answers else (200 if verified else 400)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"thank you, " + CANARY.encode()})


class Bench:
    """One account on the shared gateway: a till with its key, and the suite's hand on the controls."""

    timeouts = httpx.TimeoutException

    def __init__(self, server: Server, http: httpx.Client, key: str) -> None:
        self.server = server
        self.http = http
        self.key = key
        self.stripe = self.client(server.till)
        self.suite_stripe = self.client(server.suite)
        self.began = self.control("GET", "about")["journal"]

    def client(self, base: str, retries: int = 0) -> stripe.StripeClient:
        return stripe.StripeClient(
            self.key,
            base_addresses={"api": base},
            max_network_retries=retries,
        )

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(
            method, f"{self.server.suite}/_gateway/{path}", json=body if method == "POST" else None
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **body: Any) -> str:
        answer = self.http.post(f"{self.server.suite}/_gateway/{path}", json=body)
        assert 400 <= answer.status_code < 500, answer.text
        return str(answer.json()["error"])

    def emulator(self, path: str, **body: Any) -> Any:
        answer = self.http.post(f"{self.server.suite}/_emulator/{path}", json=body, auth=(self.key, ""))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def arm(self, fault: str, operation: str | None = None, **parameters: Any) -> str:
        return str(self.control("POST", "faults", fault=fault, operation=operation, **parameters)["id"])

    def release(self, fault: str) -> Any:
        return self.control("DELETE", f"faults/{fault}")

    def journal(self, after: int = 0, **query: Any) -> Any:
        terms = "&".join(f"{name}={value}" for name, value in {"after": after, "limit": 100000, **query}.items())
        return self.control("GET", f"journal?{terms}")

    def entries(self, kind: str, **data: Any) -> list[Any]:
        """This bench's entries of one kind, narrowed by what their data holds."""
        return [
            entry
            for entry in self.journal(self.began)["entries"]
            if entry["kind"] == kind and all(entry["data"].get(name) == value for name, value in data.items())
        ]

    def quiet(self, quiet_ms: int = 20, timeout_ms: int = 3000) -> Any:
        return self.control("GET", f"quiet?quiet_ms={quiet_ms}&timeout_ms={timeout_ms}")

    def listen(self, receiver: Receiver, *types: str, **fields: Any) -> str:
        asked = {
            "url": receiver.url,
            "secret": receiver.secret,
            "account_key": self.key,
            "types": types or ("*",),
            **fields,
        }
        return str(self.control("POST", "endpoints", **asked)["id"])

    def payment_intent(self, amount: int = 2000, client: stripe.StripeClient | None = None, **params: Any) -> Any:
        asked: Any = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"], **params}
        return (client or self.stripe).v1.payment_intents.create(asked)

    def intents_at_stripe(self) -> list[Any]:
        return list(self.suite_stripe.v1.payment_intents.list().data)

    def held_intent(self, amount: int = 2000) -> Any:
        """A PaymentIntent authorized on a simulated reader, to be captured."""
        intent = self.payment_intent(amount, capture_method="manual")
        self.tap(intent.id)
        return intent

    def tap(self, intent: str) -> Any:
        readers = self.suite_stripe.v1.terminal.readers
        address: Any = {"line1": "1 Main", "city": "SF", "state": "CA", "country": "US", "postal_code": "94111"}
        location = self.suite_stripe.v1.terminal.locations.create({"display_name": "Shop", "address": address})
        reader = readers.create({"registration_code": "simulated-wpe", "location": location.id})
        self.stripe.v1.terminal.readers.process_payment_intent(reader.id, {"payment_intent": intent})
        return self.suite_stripe.v1.test_helpers.terminal.readers.present_payment_method(reader.id)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_gateway(tmp_path_factory.mktemp("gateway"), "--webhook-timeout-s", "0.4")
    yield started
    end_gateway(started)


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def bench(server: Server, http: httpx.Client) -> Iterator[Bench]:
    made = Bench(server, http, f"sk_test_gatewaybench{next(_KEYS):04d}")
    yield made
    made.control("DELETE", "faults")


@pytest.fixture
def gateway_process(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts further gateways, for tests about the process itself."""
    started: list[Server] = []

    def start(*options: str) -> Server:
        started.append(start_gateway(tmp_path / str(len(started)), *options))
        return started[-1]

    yield start
    for one in started:
        end_gateway(one)


@pytest.fixture(scope="session")
def receiving_port() -> Iterator[tuple[int, dict[str, Any]]]:
    """One listening server for all receivers of the session: it serves whichever is current."""
    current: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await current["receiver"](scope, receive, send)

    with contextlib.closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(100)
        receiving = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=receiving.run, kwargs={"sockets": [sock]})
        thread.start()
        yield sock.getsockname()[1], current
        receiving.should_exit = True
        thread.join(5)


@pytest.fixture
def receiver(receiving_port: tuple[int, dict[str, Any]], bench: Bench) -> Iterator[Receiver]:
    port, current = receiving_port
    made = Receiver(url=f"http://127.0.0.1:{port}/webhooks/stripe")
    current["receiver"] = made
    yield made
    bench.control("DELETE", "faults")
    bench.quiet()
