"""Answers that no honest till gives: read as far as they go, never the suite's own fault, and never waited for without
end."""

import gzip
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cardpresent.drivers.pos import CheckedPos, HttpPos
from cardpresent.drivers.pos.templates import parse_amount
from cardpresent.drivers.pos.transport import ANSWER_BYTES_MAX
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

Serve = Callable[[socket.socket], None]
SALE = {"amount": Money(1230, "usd"), "sale": "S1", "reader": "tmr_1"}


@contextmanager
def raw_till(serve: Serve) -> Iterator[str]:
    """A till that answers what `serve` writes to the caller, whatever that is."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller, suppress(OSError):
                    caller.recv(65536)
                    serve(caller)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def without_end(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    while True:
        caller.sendall(b"data: still here\n\n" * 2000)


def in_drops(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    pause = threading.Event()
    while not pause.wait(0.05):
        caller.sendall(b".")


def bomb(caller: socket.socket) -> None:
    packed = gzip.compress(b"0" * (ANSWER_BYTES_MAX * 8))
    caller.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    )


def no_gzip(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")


def no_http(caller: socket.socket) -> None:
    caller.sendall(b"220 mail.example ESMTP\r\n")


def too_long_a_promise(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{}")


def two_lengths(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x")


@pytest.mark.parametrize("serve", [without_end, in_drops, bomb, no_gzip, no_http, too_long_a_promise, two_lengths])
def test_an_answer_that_is_none_leaves_the_outcome_unknown(described: Any, serve: Serve) -> None:
    with raw_till(serve) as url, HttpPos(described(""), url) as pos:
        reply = CheckedPos(pos).perform("start_sale", {**SALE, "patience_s": 1.0})

    assert (reply.outcome, reply.status) == (Outcome.UNKNOWN, None)


def _odd(till: Any) -> Any:
    """The module of the odd till: its answers."""
    return sys.modules[type(till).__module__]


NOWHERE = ['http://[', 'http://[::1', "//", "ht!tp://x"]


@pytest.mark.parametrize("location", NOWHERE)
def test_a_redirect_to_nowhere_is_not_found_and_breaks_nothing(till: Any, pos: Any, location: str) -> None:
    odd = _odd(till)
    till.answers["POST /pay"] = odd.Answer("", 302, (("Location", location),))
    driver = pos("""
        [operations.start_sale]
        outcome = { by = { redirect = true }, otherwise = "collecting" }
        [[operations.start_sale.steps]]
        method = "POST"
        path = "/pay"
        save = { page = { redirect = true } }
        outcome = { by = "status", accepted = ["302"] }
        [[operations.start_sale.steps]]
        method = "GET"
        path = "{page}"
    """)

    reply = driver.perform("start_sale", SALE)

    assert reply.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("name", ["a\nb", "a\r\nX-Evil: 1", "a\x00b", "é", "日本", "a b"])
@pytest.mark.parametrize("place", ['path = "/sales/{id}"', 'path = "/sales"\nheaders = { "X-Sale" = "{id}" }'])
def test_whatever_a_till_calls_its_sale_is_sent_or_told_as_unsendable(
    till: Any, pos: Any, name: str, place: str
) -> None:
    odd = _odd(till)
    till.answers["POST /pay"] = odd.says({"state": "waiting", "id": name})
    driver = pos(f"""
        [operations.start_sale]
        method = "POST"
        path = "/pay"
        save = {{ id = "$.id" }}
        outcome = {{ by = "$.state", collecting = ["waiting"] }}
        [operations.sale_state]
        method = "GET"
        {place}
        outcome = {{ by = "status", accepted = ["404"] }}
    """)

    saved = driver.perform("start_sale", SALE).saved
    reply = driver.perform("sale_state", {**SALE, **saved})

    assert reply.outcome in {Outcome.UNKNOWN, Outcome.ACCEPTED}
    assert reply.asked or reply.missing == ("request",)
    assert not [asked for asked in till.asked if "x-evil" in asked.headers]


DEEP = "[" * 100_000 + "]" * 100_000
BODIES: dict[str, str] = {
    "nests without end": f'{{"state": {DEEP}}}',
    "holds a number without end": '{"state": ' + "9" * 6000 + ', "paid": ' + "9" * 6000 + "}",
    "holds no number": '{"state": 1e999999, "paid": 1e999999}',
    "counts in raised figures": '{"state": "paid", "paid": "²", "printed": "²"}',
    "counts in another script": '{"state": "paid", "paid": "١٢٣٠", "printed": "٣"}',
    "sells in no currency": '{"state": "paid", "paid": 1230, "currency": "US dollars"}',
    "is a page of tables in tables": "<table>" * 20_000,
    "is a page that begins what it is not": "<![CDATA[ <!DOCTYPE <! <![ <?php",
    "is half a letter": '{"state": "\\ud800"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("by", ['"$..state"', '"$.state"', '{ css = "td.state" }', "{ regex = 'state: (.*)' }"])
def test_whatever_a_till_answers_is_no_fault_of_the_suite(till: Any, pos: Any, body: str, by: str) -> None:
    odd = _odd(till)
    till.answers["POST /pay"] = odd.Answer(body, 200, (("Content-Type", "application/json"),))
    driver = pos(f"""
        [operations.start_sale]
        method = "POST"
        path = "/pay"
        outcome = {{ by = {by}, accepted = ["paid"], otherwise = "unknown" }}
        record = {{ paid = "$.paid", effects = "$.printed", currency = "$.currency" }}
    """)

    reply = driver.perform("start_sale", SALE)

    assert reply.status == 200
    assert reply.record is None or reply.record.effects is None


def test_figures_without_end_are_no_amount() -> None:
    assert parse_amount("9" * 5000, "usd", "minor") is None
    assert parse_amount(" " * 60 + "1,230.50", "usd", "main") == Money(123050, "usd")


@pytest.mark.parametrize("word", ["SystemExit(0)", "KeyError('x')"])
@pytest.mark.parametrize("where", ["at once", "later"])
def test_an_adapter_that_would_end_the_run_is_the_files_fault(
    described: Any, tmp_path: Path, word: str, where: str
) -> None:
    from cardpresent.drivers.pos.adapter import adapter_of
    from cardpresent.drivers.pos.contract import AdapterContractError
    from cardpresent.profile import IntegrationError

    raises = f"raise {word}"
    (tmp_path / "mine.py").write_text(
        raises if where == "at once" else
        "class Mine:\n    def __init__(self, described, run): pass\n    def offers(self, verb): return True\n"
        f"    def perform(self, verb, values, *, as_role='cashier'): {raises}\n", encoding="utf-8")  # fmt: skip
    integration = described('[adapter]\npython = "mine.py:Mine"')

    with HttpPos(integration, "http://127.0.0.1:9") as behind:
        if where == "at once":
            with pytest.raises(IntegrationError, match=r"adapter\.python"):
                adapter_of(integration, behind, {})
            return
        with pytest.raises(AdapterContractError) as caught:
            adapter_of(integration, behind, {}).perform("start_sale", SALE)
    assert caught.value.party == "configuration"
