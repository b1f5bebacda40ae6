"""Events that are read from a list and delivered: the run's own, each once, signed, however late they turn up."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import stripe

from tests.testmode.conftest import Gateway, Remote, Shared, payment
from tests.waiting import until

SECRET = "whsec_ofThisRun0123456789"


class Till:
    """An endpoint that keeps what it is sent, and whether the official library took it for genuine."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.genuine: list[bool] = []
        self.leave: Callable[[], object] = lambda: None
        till = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    stripe.Webhook.construct_event(body, self.headers["stripe-signature"], SECRET)  # type: ignore[no-untyped-call]
                    till.genuine.append(True)
                except stripe.SignatureVerificationError:
                    till.genuine.append(False)
                till.events.append(json.loads(body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks"

    def types(self, intent: str) -> list[str]:
        return [event["type"] for event in self.events if _is_about(event, intent)]

    def close(self) -> None:
        self.leave()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _is_about(event: dict[str, Any], intent: str) -> bool:
    return intent in json.dumps(event["data"]["object"])


@pytest.fixture
def till() -> Iterator[Till]:
    made = Till()
    yield made
    made.close()


def listen(gateway: Gateway, till: Till, *types: str) -> None:
    asked = {"url": till.url, "secret": SECRET, "account_key": gateway.key, "types": list(types or ("*",))}
    endpoint = gateway.control("POST", "endpoints", **asked)["id"]
    till.leave = lambda: gateway.control("DELETE", f"endpoints/{endpoint}")


def test_what_a_sale_causes_is_delivered_in_order_signed_with_the_tills_secret(shared: Shared, till: Till) -> None:
    gateway = shared.gateway
    listen(gateway, till, "payment_intent.*", "charge.succeeded")

    intent = gateway.sale(gateway.reader())
    until(lambda: "payment_intent.succeeded" in till.types(intent.id), lambda: str(till.types(intent.id)))

    assert till.types(intent.id) == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert all(till.genuine)


def test_nobody_elses_events_are_delivered(shared: Shared, till: Till) -> None:
    gateway, remote = shared.gateway, shared.remote
    listen(gateway, till)
    theirs = remote.foreign_payment()

    intent = gateway.sale(gateway.reader())
    remote.stripe.v1.payment_intents.cancel(theirs.id)
    until(lambda: "payment_intent.succeeded" in till.types(intent.id))
    gateway.control("GET", "quiet?quiet_ms=10&timeout_ms=8000")

    assert till.types(theirs.id) == []


def test_events_that_turn_up_late_and_behind_younger_ones_come_once_each(
    shared: Shared, till: Till
) -> None:
    gateway, remote = shared.gateway, shared.remote
    remote.settings(events_listed_within_ms=1500)
    listen(gateway, till, "payment_intent.*")
    reader = gateway.reader()

    intents = [gateway.sale(reader).id for _ in range(3)]
    wanted = {"payment_intent.created", "payment_intent.succeeded"}
    until(lambda: all(wanted <= set(till.types(intent)) for intent in intents), lambda: str(till.events))
    remote.settings(events_listed_within_ms=0)
    gateway.control("GET", "quiet?quiet_ms=10&timeout_ms=8000")

    ids = [event["id"] for event in till.events]
    assert len(ids) == len(set(ids))


def test_it_is_not_quiet_while_news_may_still_come(shared: Shared, till: Till) -> None:
    gateway, remote = shared.gateway, shared.remote
    remote.settings(events_listed_within_ms=1000)
    listen(gateway, till, "payment_intent.created")
    gateway.control("GET", "quiet?quiet_ms=10&timeout_ms=8000")

    intent = gateway.till.v1.payment_intents.create(payment())
    seen = gateway.control("GET", "quiet?quiet_ms=10&timeout_ms=8000")

    assert seen["quiet"]
    assert till.types(intent.id) == ["payment_intent.created"]
    remote.settings(events_listed_within_ms=0)


def test_news_can_be_waited_for_while_the_till_is_busy(shared: Shared, till: Till) -> None:
    gateway = shared.gateway
    listen(gateway, till, "payment_intent.created")
    fault = gateway.control("POST", "faults", fault="webhook_withheld")
    gateway.till.v1.payment_intents.create(payment())

    assert gateway.control("GET", "news?timeout_ms=8000")["heard"]

    assert gateway.control("GET", "quiet?quiet_ms=1&timeout_ms=1")["withheld"] == 1
    gateway.control("DELETE", f"faults/{fault['id']}")


def test_an_event_can_be_withheld_and_made_later(shared: Shared, till: Till) -> None:
    gateway = shared.gateway
    listen(gateway, till, "payment_intent.created")
    fault = gateway.control("POST", "faults", fault="webhook_withheld")
    intent = gateway.till.v1.payment_intents.create(payment())
    until(lambda: gateway.control("GET", "quiet?quiet_ms=1&timeout_ms=1")["withheld"] == 1)
    assert till.types(intent.id) == []

    gateway.control("DELETE", f"faults/{fault['id']}")

    until(lambda: till.types(intent.id) == ["payment_intent.created"])


def test_a_run_begins_where_it_begins(gateways: Callable[[], Gateway], remote: Remote, till: Till) -> None:
    for _ in range(3):
        remote.foreign_payment()
    gateway = gateways()
    listen(gateway, till)

    intent = gateway.till.v1.payment_intents.create(payment())
    until(lambda: till.types(intent.id))

    assert [event["type"] for event in till.events] == ["payment_intent.created"]
