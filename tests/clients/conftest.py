"""A local Stripe as `cardpresent emulate` starts it, and a till's endpoint that keeps what is delivered to it."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, NamedTuple

import pytest


class Delivery(NamedTuple):
    """One webhook as it came."""

    body: str
    signature: str

    @property
    def type(self) -> str:
        return json.loads(self.body)["type"]


class Endpoint:
    """A till's webhook endpoint."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self._arrived = threading.Condition()
        kept, arrived = self.deliveries, self._arrived

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with arrived:
                    kept.append(Delivery(body, self.headers["Stripe-Signature"]))
                    arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: Any) -> None:
                """A test says what it has to say itself."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def awaited(self, wanted: set[str], bound_s: float = 10) -> list[Delivery]:
        """Everything delivered once each of the wanted types has come."""

        def missing() -> set[str]:
            return wanted - {delivery.type for delivery in self.deliveries}

        with self._arrived:
            self._arrived.wait_for(lambda: not missing(), bound_s)
            assert not missing(), f"not delivered within {bound_s} s: {sorted(missing())}"
            return list(self.deliveries)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def endpoint():
    running = Endpoint()
    yield running
    running.close()


@pytest.fixture(scope="session")
def stripe_here():
    """The address of `cardpresent emulate --port 0`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cardpresent", "emulate", "--port", "0"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )
    assert process.stdout
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()
