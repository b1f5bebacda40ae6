"""`stripe listen`: a session, a socket, and events over it, as Stripe's own command line client expects them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import stripe
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("stripecli-devproxy-v1")


class Listener:
    """What the client does: opens a session, connects, acknowledges, and reports what its own address answered."""

    def __init__(self, bench: Any, **form: str) -> None:
        self.bench = bench
        answer = bench.http.post(
            f"{bench.server.till}/v1/stripecli/sessions",
            auth=(bench.key, ""),
            data={"device_name": "desk", "websocket_features[]": "webhooks", **form},
        )
        assert answer.status_code == 200, answer.text
        self.session: dict[str, Any] = answer.json()
        self.socket: ClientConnection | None = None
        self.open = ExitStack()

    def connects(self, session: str | None = None) -> "Listener":
        url = f"{self.session['websocket_url']}?websocket_feature={self.session['websocket_authorized_feature']}"
        headers = {"Websocket-Id": session or self.session["websocket_id"]}
        self.socket = self.open.enter_context(
            connect(url, additional_headers=headers, subprotocols=[PROTOCOL], proxy=None, compression=None)
        )
        return self

    def hears(self, *, latest: bool = False, acknowledges: bool = True) -> dict[str, Any]:
        """The next message in the account's version, or in the newest."""
        assert self.socket
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout=5))
            if acknowledges:
                self.says(message, type="event_ack", event_id=message["webhook_id"])
            if (message["endpoint"]["api_version"] is not None) is latest:
                return message

    def says(self, message: dict[str, Any], **more: Any) -> None:
        assert self.socket
        ids = {name: message[name] for name in ("webhook_conversation_id", "webhook_id")}
        self.socket.send(json.dumps({**ids, **more}))

    def hears_nothing(self) -> bool:
        assert self.socket
        try:
            self.socket.recv(timeout=0.2)
        except TimeoutError:
            return True
        return False

    def goes(self) -> None:
        self.open.close()


@pytest.fixture
def listen(bench: Any) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def start(**form: str) -> Listener:
        opened.append(Listener(bench, **form))
        return opened[-1]

    yield start
    for one in opened:
        one.goes()
    bench.control("DELETE", "faults")


def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline


def test_a_session_says_where_to_connect_and_what_signs(bench: Any, listen: Callable[..., Listener]) -> None:
    session = listen(forward_to_url="localhost:4242/h").session

    assert session["websocket_url"] == bench.server.till.replace("http", "ws") + "/v1/stripecli/subscribe"
    assert session["websocket_id"].startswith("cliws_")
    assert (session["websocket_authorized_feature"], session["display_connect_filter_warning"]) == ("webhooks", False)
    assert session["default_version"] == session["latest_version"] == stripe.api_version
    assert session["secret"] == listen().session["secret"] != session["websocket_id"]


def test_an_event_comes_over_the_socket_signed_as_a_webhook(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    intent = bench.payment_intent()
    message = listener.hears()

    assert listener.socket
    assert listener.socket.subprotocol == PROTOCOL
    assert (message["type"], message["endpoint"]) == ("webhook_event", {"api_version": None})
    event = stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]
        message["event_payload"], message["http_headers"]["Stripe-Signature"], listener.session["secret"]
    )
    assert (event.type, event.data.object.id) == ("payment_intent.created", intent.id)
    assert listener.session["secret"] not in bench.server.journal.read_text()


def test_each_event_comes_in_the_newest_version_as_well(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    bench.payment_intent()
    message = listener.hears(latest=True)

    assert message["endpoint"]["api_version"] == json.loads(message["event_payload"])["api_version"]


def test_an_acknowledged_event_counts_as_delivered(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    bench.payment_intent()
    listener.hears(latest=True)
    bench.quiet()

    assert bench.suite_stripe.v1.events.list().data[0].pending_webhooks == 0


def test_an_event_that_is_not_acknowledged_is_pending_and_never_sent_again(
    bench: Any, listen: Callable[..., Listener]
) -> None:
    listener = listen().connects()
    bench.payment_intent()
    listener.hears(latest=True, acknowledges=False)
    bench.quiet()
    pending = bench.suite_stripe.v1.events.list().data[0].pending_webhooks
    bench.emulator("clock", advance_s=86400)

    assert pending == 1
    assert listener.hears_nothing()


@pytest.mark.parametrize("nonsense", ["[" * 100_000, b"\xff\xfe", "null", '{"type": 7}', '{"type": "event_ack"}'])
def test_what_a_client_says_without_sense_is_passed_over(
    bench: Any, listen: Callable[..., Listener], nonsense: str | bytes
) -> None:
    listener = listen().connects()
    assert listener.socket
    listener.socket.send(nonsense)
    bench.payment_intent()
    listener.hears(latest=True)
    bench.quiet()

    assert bench.suite_stripe.v1.events.list().data[0].pending_webhooks == 0


def test_what_the_clients_address_answered_is_in_the_journal(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    intent = bench.payment_intent()
    answered = {"forward_url": "http://localhost:4242/h", "status": 500, "body": "oh", "http_headers": {}}
    listener.says(listener.hears(), type="webhook_response", **answered)
    until(lambda: bool(bench.entries("webhook")))

    (entry,) = bench.entries("webhook")
    told = [entry["data"][name] for name in ("url", "status", "answer", "object", "genuine")]
    assert told == ["http://localhost:4242/h", 500, "oh", intent.id, True]


def test_events_of_connected_accounts_come_too(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    bench.stripe.v1.payment_intents.create(
        {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]},
        {"stripe_account": "acct_1shopinshop"},
    )

    assert json.loads(listener.hears()["event_payload"])["account"] == "acct_1shopinshop"


def test_a_client_that_went_away_misses_what_happens_and_may_come_back(
    bench: Any, listen: Callable[..., Listener]
) -> None:
    listener = listen().connects()
    listener.goes()
    until(lambda: bool(bench.entries("control", what="cli_gone")))
    bench.payment_intent(amount=700)
    bench.quiet()
    listener.connects()
    bench.payment_intent(amount=800)

    assert json.loads(listener.hears()["event_payload"])["data"]["object"]["amount"] == 800
    missed = bench.suite_stripe.v1.events.list().data[1]
    assert (missed.data.object["amount"], missed.pending_webhooks) == (700, 0)


@pytest.mark.parametrize("path", ["/v1/stripecli/subscribe", "/v1/elsewhere"])
def test_an_unknown_session_is_refused_in_the_words_the_client_waits_for(bench: Any, path: str) -> None:
    url = bench.server.till.replace("http", "ws") + path
    headers = {"Websocket-Id": "cliws_nobody"}
    with pytest.raises(InvalidStatus) as refused, connect(url, additional_headers=headers, proxy=None):
        pass

    assert refused.value.response.status_code == 401
    assert refused.value.response.body
    assert json.loads(refused.value.response.body)["error"]["message"] == "Unknown WebSocket ID."


def test_a_webhook_endpoint_is_no_session(bench: Any, receiver: Any, listen: Callable[..., Listener]) -> None:
    with pytest.raises(InvalidStatus):
        listen().connects(session=bench.listen(receiver))


@pytest.mark.parametrize("feature", ["request_logs", "v2_events"])
def test_a_session_for_anything_else_is_refused_loudly(bench: Any, feature: str) -> None:
    answer = bench.http.post(
        f"{bench.server.till}/v1/stripecli/sessions", auth=(bench.key, ""), data={"websocket_features[]": feature}
    )

    assert (answer.status_code, answer.headers["x-emulator"]) == (400, "not-emulated")
    assert answer.json()["error"]["param"] == "websocket_features"


def test_faults_of_the_wire_hold_for_the_socket_as_well(bench: Any, listen: Callable[..., Listener]) -> None:
    listener = listen().connects()
    fault = bench.arm("webhook_withheld")
    bench.payment_intent()
    held = listener.hears_nothing()
    bench.release(fault)

    assert held
    assert json.loads(listener.hears()["event_payload"])["type"] == "payment_intent.created"


def test_an_event_may_be_asked_for_once_more(bench: Any, receiver: Any, listen: Callable[..., Listener]) -> None:
    endpoint = bench.listen(receiver, "payment_intent.canceled")
    listener = listen().connects()
    bench.payment_intent()
    first = json.loads(listener.hears()["event_payload"])
    listener.hears(latest=True)
    bench.quiet()
    resend = f"{bench.server.till}/v1/events/{first['id']}/retry"

    answer = bench.http.post(resend, auth=(bench.key, ""), data={"for_stripecli": "true"})
    again = json.loads(listener.hears()["event_payload"])
    bench.http.post(resend, auth=(bench.key, ""), data={"webhook_endpoint": endpoint})
    receiver.wait_for(1)
    nowhere = bench.http.post(resend, auth=(bench.key, ""), data={"webhook_endpoint": "we_0"})

    assert answer.json()["id"] == again["id"] == receiver.received[0].id == first["id"]
    assert (nowhere.status_code, nowhere.json()["error"]["param"]) == (400, "webhook_endpoint")


def test_a_second_socket_of_a_session_takes_the_place_of_the_first(bench: Any, listen: Callable[..., Listener]) -> None:
    first = listen().connects()
    second = listen()
    second.connects(session=first.session["websocket_id"])
    first.goes()
    bench.payment_intent()

    assert json.loads(second.hears()["event_payload"])["type"] == "payment_intent.created"


def test_a_socket_ends_with_the_server(gateway_process: Callable[..., Any], http: Any) -> None:
    server = gateway_process()
    form = {"websocket_features[]": "webhooks"}
    session = http.post(f"{server.suite}/v1/stripecli/sessions", auth=("sk_test_ending", ""), data=form).json()
    headers = {"Websocket-Id": session["websocket_id"]}
    with connect(session["websocket_url"], additional_headers=headers, proxy=None) as socket:
        began = time.monotonic()
        server.process.stdin.close()

        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
    assert server.process.wait(5) == 0
    assert time.monotonic() - began < 3
