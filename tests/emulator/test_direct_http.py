"""HTTP as the emulator alone speaks it: every way a client may send a request."""

import json
import socket
import subprocess
import sys

import pytest

FORM = b"amount=2000&currency=usd&payment_method_types[]=card_present"
HEAD = b"Host: x\r\nAuthorization: Bearer sk_test_http\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def port():
    command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        process.terminate()


@pytest.fixture
def line(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def request(method: bytes, path: bytes, body: bytes = b"", more: bytes = b"") -> bytes:
    return b"%s %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s" % (method, path, HEAD, more, len(body), body)


def answer(line: socket.socket) -> tuple[int, dict[str, str], dict[str, object]]:
    """The next answer on this connection: status, headers, body. Nothing beyond it is read."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    first, *rest = head.decode().rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
    body = b""
    while missing := int(headers.get("content-length", 0)) - len(body):
        body += line.recv(missing)
    return int(first.split()[1]), headers, json.loads(body) if body else {}


def test_one_connection_carries_many_requests(line):
    made = []
    for _ in range(3):
        line.sendall(request(b"POST", b"/v1/payment_intents", FORM))
        status, headers, body = answer(line)
        assert (status, headers["content-type"]) == (200, "application/json")
        made.append(body["id"])
    assert len(set(made)) == 3


def test_requests_sent_all_at_once_are_answered_in_their_order(line):
    amounts = [1000, 1001, 1002, 1003]
    line.sendall(b"".join(request(b"POST", b"/v1/payment_intents", FORM.replace(b"2000", b"%d" % a)) for a in amounts))
    assert [answer(line)[2]["amount"] for _ in amounts] == amounts


def test_answers_that_take_their_time_keep_their_order_too(line):
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 30}'))
    answer(line)
    forms = [FORM.replace(b"2000", b"%d" % amount) for amount in (7777, 8888)]
    line.sendall(b"".join(request(b"POST", b"/v1/payment_intents", form) for form in forms))
    amounts = [answer(line)[2]["amount"] for _ in range(2)]
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 0}'))
    assert answer(line)[0] == 200
    assert amounts == [7777, 8888]


def test_a_twin_in_flight_is_told_so(port, line):
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 200}'))
    answer(line)
    twin = request(b"POST", b"/v1/payment_intents", FORM, b"Idempotency-Key: twin\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as other:
        line.sendall(twin)
        other.sendall(twin)
        told = sorted((answer(line)[0], answer(other)[0]))
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 0}'))
    answer(line)
    assert told == [200, 409]


def test_thirty_creates_racing_on_one_key_make_one_object(port, line):
    key = b"Idempotency-Key: race\r\n"
    racers = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(30)]
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 20}'))
    answer(line)
    for racer in racers:
        racer.sendall(request(b"POST", b"/v1/payment_intents", FORM + b"&metadata[race]=1", key))
    told = [answer(racer) for racer in racers]
    for racer in racers:
        racer.close()
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 0}'))
    answer(line)
    line.sendall(request(b"GET", b"/v1/payment_intents?limit=100"))
    racing = [one for one in answer(line)[2]["data"] if one["metadata"].get("race")]

    assert {status for status, _, _ in told} <= {200, 409}
    assert len({body["id"] for status, _, body in told if status == 200}) == 1
    assert len(racing) == 1


def test_a_body_may_come_in_pieces_and_in_chunks(line):
    whole = request(b"POST", b"/v1/payment_intents", FORM)
    for start in range(0, len(whole), 7):
        line.sendall(whole[start : start + 7])
    assert answer(line)[2]["amount"] == 2000
    chunked = b"POST /v1/payment_intents HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % HEAD
    line.sendall(chunked + b"a\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (FORM[:10], len(FORM) - 10, FORM[10:]))
    assert answer(line)[2]["amount"] == 2000


def test_escapes_in_a_path_are_read(line):
    line.sendall(request(b"POST", b"/v1/payment_intents", FORM))
    intent = answer(line)[2]["id"]
    line.sendall(request(b"GET", b"/v1/payment%5Fintents/" + intent.encode() + b"?expand%5B%5D=customer"))
    assert answer(line)[2]["id"] == intent


def test_a_caller_that_asks_first_is_told_to_go_on(line):
    line.sendall(request(b"POST", b"/v1/payment_intents", b"", b"Expect: 100-continue\r\n").replace(
        b"Content-Length: 0", b"Content-Length: %d" % len(FORM)
    ))
    assert answer(line)[0] == 100
    line.sendall(FORM)
    assert answer(line)[0] == 200


def test_a_connection_is_closed_when_the_caller_asks_for_it(line):
    line.sendall(request(b"GET", b"/v1/events", b"", b"Connection: close\r\n"))
    _, headers, _ = answer(line)
    assert headers["connection"] == "close"
    assert line.recv(1) == b""


def test_what_is_no_http_is_answered_400_and_hung_up(line):
    line.sendall(b"hello\r\n\r\n")
    assert line.recv(4096).startswith(b"HTTP/1.1 400")


def test_the_control_api_is_served_on_the_same_port(line):
    line.sendall(request(b"GET", b"/_emulator/clock"))
    assert set(answer(line)[2]) == {"now", "offset_s"}


# ------------------------------------------------------------------------------------------------- what nobody expects


def test_the_answer_to_head_has_no_body(line):
    line.sendall(b"HEAD /v1/customers HTTP/1.1\r\n" + HEAD + b"\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    line.sendall(request(b"GET", b"/v1/customers"))
    assert (head[:12], answer(line)[0]) == (b"HTTP/1.1 404", 200)


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
def test_an_upgrade_is_not_taken_up_and_the_connection_goes_on(line, protocol):
    upgrade = b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"
    line.sendall(request(b"GET", b"/v1/customers", more=upgrade) * 2)
    assert [answer(line)[0], answer(line)[0]] == [200, 200]
    line.sendall(request(b"GET", b"/v1/customers"))
    assert answer(line)[0] == 200


def test_a_request_as_proxies_send_it_is_understood(line):
    line.sendall(request(b"GET", b"http://api.stripe.com/v1/customers?limit=1"))
    status, _, body = answer(line)
    assert (status, body["object"]) == (200, "list")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /v1/customers HTTP/1.1\r\n" + HEAD + b"X-Long: " + b"x" * 1_000_000, 431),
        (b"POST /v1/customers HTTP/1.1\r\n" + HEAD + b"Content-Length: 50000000\r\n\r\n" + b"x" * 34_000_000, 413),
        (request(b"POST", b"/v1/customers", b"description=" + b"x" * 3_000_000), 413),
    ],
)
def test_what_is_too_large_is_refused_in_one_sentence(line, sent, status):
    line.sendall(sent)  # to its end, though the answer is there before: it must not be lost with the connection
    told = answer(line)
    assert (told[0], told[2]["error"]["message"].startswith("emulator: ")) == (status, True)


def test_the_gateways_controls_are_said_to_be_elsewhere(line):
    line.sendall(b"POST /_gateway/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    status, _, body = answer(line)
    assert (status, "cardpresent emulate" in body["error"]) == (404, True)


def test_a_client_that_does_not_take_its_answers_is_not_read_on(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for _ in range(100):
            client.sendall(request(b"POST", b"/v1/customers", b"description=" + b"x" * 4900))
            answer(client)
        page = request(b"GET", b"/v1/customers?limit=10", more=b"X-Pad: " + b"x" * 8000 + b"\r\n")
        client.settimeout(1)
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < 4_000:
                client.sendall(page)
                sent += 1
        client.settimeout(10)
        assert len(answer(client)[2]["data"]) == 10


def test_a_reset_during_a_slow_call_lets_it_run_on_the_empty_account(port, line):
    line.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 200}'))
    answer(line)
    keyed = request(b"POST", b"/v1/customers", b"name=a", b"Idempotency-Key: over-a-reset\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as other:
        line.sendall(keyed)
        other.sendall(request(b"POST", b"/_emulator/reset"))
        assert answer(other)[0] == 200
        first = answer(line)
        other.sendall(request(b"POST", b"/_emulator/account", b'{"latency_ms": 0}'))
        answer(other)
    line.sendall(keyed)
    again = answer(line)
    assert (first[0], again[0], again[2]["id"]) == (200, 200, first[2]["id"])
