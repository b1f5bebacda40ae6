"""However long a run lasts, the gateway keeps nothing of a call or of a delivery but eight bytes for each entry.

What is not kept can be neither scanned nor copied: this is why the hundred thousandth sale costs what the first did.
"""

import asyncio
import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cardpresent.evidence import redaction
from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.app import Gateway
from cardpresent.gateway.delivery import Address, Delivery
from cardpresent.gateway.venue import Answer, DeliveryListener, Question
from cardpresent.gateway.webhooks import Heard, Postman

TILL_PORT, SUITE_PORT = 1, 2
CALLS = 1500
BYTES_PER_ENTRY = 8
# An array grows by an eighth at a time, and a few objects live or do not when it is looked.
SLACK = 1.25
SLACK_BYTES = 20_000


class AnyStripe:
    """Answers every call with a new object and has two events of it delivered."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = 0
        self._listener: DeliveryListener = lambda delivery: None

    async def begin(self) -> None: ...

    async def end(self) -> None: ...

    def about(self) -> dict[str, Any]:
        return {"venue": "emulator"}

    def news_due_s(self) -> float:
        return 0.0

    async def clean_up(self) -> dict[str, Any]:
        return {"cleaned": [], "left": []}

    async def ask(self, question: Question) -> Answer:
        self.made += 1
        body = b'{"id":"pi_%d","object":"payment_intent","amount":%d}' % (self.made, self.made)
        for number, type in enumerate(("payment_intent.created", "payment_intent.succeeded")):
            id = f"evt_{self.made}_{number}"
            self._listener(Delivery(f"{id}.we_1", "we_1", id, type, f"pi_{self.made}", body))
        return Answer(200, [(b"content-type", b"application/json")], body)

    def on_delivery(self, listener: DeliveryListener) -> None:
        self._listener = listener

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        self.ended += 1

    def cli_connected(self, session: str, is_connected: bool) -> None: ...

    def address(self, endpoint: str) -> Address | None:
        secret = "whsec_flat_0123456789"
        return Address(endpoint, "webhook", "http://till.test/", True, (secret,), secret, None, "sk_test_flat", None)


class OpenLine(asyncio.Transport):
    """A connection that the caller keeps."""

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None: ...


class InProcess:
    """A gateway without its sockets."""

    def __init__(self, folder: Path) -> None:
        self.venue = AnyStripe()
        self.journal = JournalWriter(folder / "journal.jsonl", Redactor())
        self.gateway = Gateway(self.venue, self.journal, TILL_PORT, seed=1)

    async def call(self, port: int, method: str, path: str, body: bytes = b"", query: bytes = b"") -> bytes:
        asked = [{"type": "http.request", "body": body, "more_body": False}]
        told: list[bytes] = []

        async def receive() -> Any:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message.get("body", b""))

        headers = [(b"authorization", b"Bearer sk_test_flat"), (b"idempotency-key", b"%d" % self.journal.last)]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query, "headers": headers,
            "server": ("127.0.0.1", port), "extensions": {"cardpresent.transport": OpenLine()},
        }  # fmt: skip
        await self.gateway(scope, receive, send)
        return b"".join(told)

    async def control(self, method: str, path: str, **asked: Any) -> Any:
        return msgspec.json.decode(await self.call(SUITE_PORT, method, f"/_gateway/{path}", msgspec.json.encode(asked)))

    async def sell(self, count: int) -> None:
        """So many calls of the till, each with the deliveries it causes, and the suite's own entry about it."""
        self.gateway._postman.begin()
        for _ in range(count):
            due = self.venue.ended + 2
            answered = self.venue.made
            await self.call(TILL_PORT, "POST", "/v1/payment_intents", b"amount=900&metadata[sale]=%d" % answered)
            noted = {"kind": "intent", "sale": f"s{answered}", "data": {"verb": "start_sale"}}
            await self.control("POST", "entries", entries=[noted])
            while self.venue.made > answered and self.venue.ended < due:
                await asyncio.sleep(0)


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    async def accepted(self: Postman, url: str, letter: Any) -> Heard:
        return Heard(200, None, "thank you")

    monkeypatch.setattr(Postman, "post", accepted)
    # So that what is remembered of harmless texts is full before anything is measured.
    monkeypatch.setattr(redaction, "_REMEMBERED_TEXTS", 50)
    made = InProcess(tmp_path)
    yield made
    made.journal.close()


def grown(inside: InProcess, arm: Callable[[], Any]) -> tuple[int, int]:
    """Bytes that memory grew by over so many calls, and entries that were written meanwhile."""

    async def run() -> tuple[int, int]:
        await arm()
        await inside.sell(100)
        gc.collect()
        tracemalloc.start()
        before, entries = tracemalloc.get_traced_memory()[0], inside.journal.last
        await inside.sell(CALLS)
        gc.collect()
        bytes_grown, written = tracemalloc.get_traced_memory()[0] - before, inside.journal.last - entries
        tracemalloc.stop()
        inside.gateway.stop()
        return bytes_grown, written

    return asyncio.run(run())


def test_a_call_and_its_deliveries_leave_nothing_behind_but_where_their_entries_end(inside: InProcess) -> None:
    async def nothing() -> None: ...

    bytes_grown, entries = grown(inside, nothing)

    assert entries == CALLS * 5  # a request, its reply, two deliveries, the suite's own
    assert bytes_grown < entries * BYTES_PER_ENTRY * SLACK + SLACK_BYTES


def test_nor_do_those_that_meet_faults(inside: InProcess) -> None:
    async def brownout() -> None:
        for fault in ({"fault": "rate_limited", "chance": 0.2}, {"fault": "webhook_duplicated", "chance": 0.2}):
            await inside.control("POST", "faults", **fault)

    bytes_grown, entries = grown(inside, brownout)

    assert entries > CALLS * 3
    assert bytes_grown < entries * BYTES_PER_ENTRY * SLACK + SLACK_BYTES


def test_a_schedule_of_faults_leaves_none_that_calls_are_still_held_against(inside: InProcess) -> None:
    async def run() -> tuple[int, Any]:
        for _ in range(30):
            armed = await inside.control("POST", "faults", fault="webhook_withheld")
            await inside.control("DELETE", f"faults/{armed['id']}")
        standing = await inside.control("POST", "faults", fault="rate_limited")
        await inside.sell(1)
        told = await inside.control("GET", "faults")
        return standing["id"], told["faults"]

    standing, told = asyncio.run(run())

    assert [fault["id"] for fault in told if fault["open"]] == [standing]
    assert [*inside.gateway._engine._standing] == [standing]
    assert (len(told), told[-1]["fired"]) == (31, 1)


def test_a_page_of_a_long_journal_costs_what_a_page_of_a_short_one_does(
    inside: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    pread = os.pread

    def counted(file: int, length: int, offset: int) -> bytes:
        read.append(length)
        return pread(file, length, offset)

    async def run() -> list[bytes]:
        await inside.sell(500)
        monkeypatch.setattr(os, "pread", counted)
        query = b"after=%d&limit=10"
        ends = (0, inside.journal.last // 2, inside.journal.last - 10)
        return [await inside.call(SUITE_PORT, "GET", "/_gateway/journal", query=query % after) for after in ends]

    pages = asyncio.run(run())

    assert all(len(msgspec.json.decode(page)["entries"]) == 10 for page in pages)
    assert len(read) == len(pages)
    assert all(length <= len(page) for length, page in zip(read, pages, strict=True))
