"""The emulator called in this very process, without a socket: for tests that make tens of thousands of calls."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cardpresent.emulator.app import create_app
from cardpresent.emulator.clock import FrozenClock
from tests.emulator.judged import Judged

FORM = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """One answer. `headers` by lower-case name."""

    status: int
    body: Any
    headers: dict[str, str]


class Refused(AssertionError):
    """A call that had to be answered with 200 was not."""

    def __init__(self, call: str, answer: Answer) -> None:
        super().__init__(f"{call} answered {answer.status}: {json.dumps(answer.body)}")
        self.answer = answer


class Inside:
    """An emulator of its own on a frozen clock, and the calls of one account. Every answer is judged."""

    def __init__(self, key: str = "sk_test_inside", seed: int = 1) -> None:
        self.key = key
        app = create_app(seed, FrozenClock())
        self.events: list[dict[str, Any]] = []
        self.judged = Judged(app)
        app.subscribe(lambda account, key, body, event: self.events.append(event))
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        self._loop.close()

    def __enter__(self) -> "Inside":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def send(self, method: str, path: str, content: bytes = b"", **headers: str) -> Answer:
        """One request as it stands; parameters of a GET or DELETE belong in the path."""
        path, _, query = path.partition("?")
        sent: list[dict[str, Any]] = []
        given = {"authorization": f"Bearer {self.key}", "content-type": FORM, **headers}
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in given.items()],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def keep(message: dict[str, Any]) -> None:
            sent.append(message)

        self._loop.run_until_complete(self.judged(scope, receive, keep))
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], json.loads(b"".join(part["body"] for part in sent[1:])), found)

    def call(self, method: str, path: str, params: dict[str, Any] | None = None, **headers: str) -> Answer:
        """One call with nested parameters, in Stripe's bracketed form."""
        text = urlencode(list(flat(params or {})))
        if method == "POST":
            return self.send(method, path, text.encode(), **headers)
        return self.send(method, f"{path}?{text}" if text else path, **headers)

    def ok(self, method: str, path: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
        """The object a call answers, which must be let through."""
        answer = self.call(method, path, params, **headers)
        if answer.status != 200:
            raise Refused(f"{method} {path} {params or ''}", answer)
        return answer.body

    def control(self, method: str, path: str, **order: Any) -> Any:
        answer = self.send(method, f"/_emulator/{path}", json.dumps(order).encode() if order else b"")
        if answer.status != 200:
            raise Refused(f"{method} /_emulator/{path} {order}", answer)
        return answer.body


def flat(params: Any, under: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as the names and texts of a form."""
    rows = params.items() if isinstance(params, dict) else enumerate(params)
    for name, value in rows:
        path = f"{under}[{name}]" if under else str(name)
        if isinstance(value, dict | list | tuple):
            yield from flat(value, path)
        elif isinstance(value, bool):
            yield path, "true" if value else "false"
        elif value is not None:
            yield path, str(value)
