"""What the journal says when Stripe's stand-in itself breaks."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.app import Gateway

TILL_PORT = 4000


class BrokenVenue:
    """A venue that raises instead of answering."""

    async def ask(self, question: Any) -> Any:
        raise RuntimeError("the books are gone")

    def news_due_s(self) -> float:
        return 0.0

    def on_delivery(self, listener: Any) -> None: ...

    def delivery_ended(self, delivery: str, accepted: bool) -> None: ...

    def cli_connected(self, session: str, is_connected: bool) -> None: ...

    def address(self, endpoint: str) -> None: ...


class OpenTransport(asyncio.Transport):
    def is_closing(self) -> bool:
        return False


def test_a_venue_that_breaks_is_told_apart_from_one_that_answers_500(tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path / "journal.jsonl", Redactor())
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/charges",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer sk_test_broken")],
        "server": ("127.0.0.1", TILL_PORT),
        "extensions": {"cardpresent.transport": OpenTransport()},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def run() -> None:
        gateway = Gateway(BrokenVenue(), journal, TILL_PORT, seed=1)
        await gateway(scope, receive, lambda message: pytest.fail("nothing may be answered"))

    with pytest.raises(RuntimeError, match="the books are gone"):
        asyncio.run(run())
    journal.close()

    entries = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [entry["kind"] for entry in entries] == ["request", "control"]
    assert entries[1]["data"] == {"what": "gateway_broke", "request": 1, "error": "RuntimeError('the books are gone')"}
