"""A pytest plugin that writes down what crosses the emulator's wire in each test: one JSON line a test.

    python -m pytest -p tests.fidelity.recording --recording FILE tests/emulator

The tests run as ever and know nothing of it. What is written is all that a replay needs: every request as bytes, every
answer, whether two requests ran at once, and what a test did to the emulator behind the wire.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cardpresent.emulator.app import EmulatorApp

# What a test finds behind the `server` fixture and Stripe has no door to; and the fixture by which it changes our code.
INSIDE = ("app", "judged", "clock")
CHANGING = "monkeypatch"
KEPT_OF_REQUESTS = ("content-type", "idempotency-key", "stripe-account", "stripe-version")
KEPT_OF_ANSWERS = ("idempotent-replayed", "stripe-version", "x-emulator")

Asgi = Callable[[EmulatorApp, Any, Any, Any], Awaitable[None]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--recording", required=True, type=Path, help="where to write what crossed the wire")


def pytest_configure(config: pytest.Config) -> None:
    recorder = Recorder(config.getoption("--recording"))
    config.pluginmanager.register(recorder)
    # The class, not an instance: whoever makes an emulator in this process is heard, and conftest.py need not know.
    EmulatorApp.__call__ = recorder.listening(EmulatorApp.__call__)  # type: ignore[method-assign]


class Recorder:
    """What the running test said and heard. Exchanges are written in the order in which they began."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.write_text("", encoding="utf-8")
        self._acting = False
        self._used: set[tuple[int, str]] = set()  # emulator and key, by earlier tests
        self._accounts: set[tuple[int, str]] = set()
        self._forget()

    def _forget(self) -> None:
        self._exchanges: list[dict[str, Any]] = []
        self._accounts = set()
        self._under_way = 0
        self._raced = False
        self._inside = ""
        self._events: list[tuple[str, str | None]] = []
        self._outcome = "passed"

    # ---------------------------------------------------------------------------------------------------------- pytest

    def pytest_runtest_logstart(self) -> None:
        self._forget()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self._outcome = report.outcome

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        line = {
            "test": nodeid, "outcome": self._outcome, "raced": self._raced,
            "emulators": len({app for app, _ in self._accounts}),
            "continued": not self._used.isdisjoint(self._accounts),
            "inside": self._inside, "events": self._events, "exchanges": self._exchanges,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self._used |= self._accounts

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        made = yield
        if fixturedef.argname == "server":
            for name in INSIDE:
                setattr(type(made), name, property(self._watched(name), _kept(name)))
        return made

    def _watched(self, name: str) -> Callable[[Any], Any]:
        def get(server: Any) -> Any:
            if self._acting:
                self._inside = f"server.{name}"
            return vars(server)[name]

        return get

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._acting = True
        if CHANGING in getattr(item, "fixturenames", ()):
            self._inside = CHANGING

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        self._acting = False  # what the suite itself looks at after a test is not the test's doing
        server = getattr(item, "funcargs", {}).get("server")
        for key in {exchange["key"] for exchange in self._exchanges} if server else ():
            self._events += [(event["type"], event["data"]["object"].get("id")) for event in server.events.get(key, [])]

    # ------------------------------------------------------------------------------------------------------------ ASGI

    def listening(self, answer: Asgi) -> Asgi:
        async def call(app: EmulatorApp, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await answer(app, scope, receive, send)
                return
            heard = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            exchange, said = _begun(scope, heard), _Said()
            self._exchanges.append(exchange)
            self._accounts.add((id(app), exchange["key"]))
            self._raced = self._raced or self._under_way > 0
            self._under_way += 1
            try:
                await answer(app, scope, said.receiving(receive), said.sending(send))
            finally:
                self._under_way -= 1
                exchange |= {"body": said.body.decode("latin-1"), **said.answered()}
                exchange["clock"] = app.account_time(exchange["key"])

        return call


def _kept(name: str) -> Callable[[Any, Any], None]:
    def put(server: Any, value: Any) -> None:
        vars(server)[name] = value

    return put


def _begun(scope: Any, heard: dict[str, str]) -> dict[str, Any]:
    scheme, _, credentials = heard.get("authorization", "").partition(" ")
    return {
        "method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode("latin-1"),
        "scheme": scheme.lower(), "key": _key(scheme, credentials),
        "headers": {name: heard[name] for name in KEPT_OF_REQUESTS if name in heard},
    }


def _key(scheme: str, credentials: str) -> str:
    if scheme.lower() != "basic":
        return credentials.strip()
    try:
        return base64.b64decode(credentials).decode("latin-1").partition(":")[0]
    except ValueError:
        return credentials


class _Said:
    """One request's body and its answer, overheard while they pass."""

    def __init__(self) -> None:
        self.body = self._answer = b""
        self._status = 0
        self._headers: dict[str, str] = {}

    def receiving(self, receive: Any) -> Any:
        async def hear() -> Any:
            message = await receive()
            self.body += message.get("body", b"")
            return message

        return hear

    def sending(self, send: Any) -> Any:
        async def tell(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]}
                self._headers = {name: told[name] for name in KEPT_OF_ANSWERS if name in told}
            else:
                self._answer += message.get("body", b"")
            await send(message)

        return tell

    def answered(self) -> dict[str, Any]:
        try:
            answer = json.loads(self._answer)
        except ValueError:
            answer = None
        return {"status": self._status, "answer": answer, "answer_headers": self._headers}
