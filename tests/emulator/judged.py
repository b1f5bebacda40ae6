"""The emulator with a judge at its door: every answer and every event is held to Stripe's document as it goes out."""

import json
import re
from typing import Any

from cardpresent.emulator.app import EmulatorApp
from tests.emulator import document

# What Stripe's command line client asks for beyond the documented API.
BESIDE = re.compile(r"/v1/stripecli/|/v1/events/[^/]+/retry$")


class Judged:
    """An ASGI application around the emulator's. `breaches` are sentences, `exercised` what was answered with 200."""

    def __init__(self, app: EmulatorApp) -> None:
        self._app = app
        self.breaches: list[str] = []
        self.exercised: set[document.Described] = set()
        app.subscribe(self._heard)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/") or BESIDE.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        sent: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, keep)
        self.judge(scope["method"], scope["path"], sent)  # first, so that a test that got its answer finds the verdict
        for message in sent:
            await send(message)

    def judge(self, method: str, path: str, sent: list[dict[str, Any]]) -> None:
        """Takes the messages of one answer."""
        status, headers = sent[0]["status"], dict(sent[0]["headers"])
        body = b"".join(message.get("body", b"") for message in sent[1:])
        version = headers.get(b"stripe-version", b"").decode()
        where = f"{method} {path}"
        if status == 200:
            operation = document.described(method, path)
            if operation is None:
                self.breaches.append(f"{where}: no operation of the document")
                return
            self.exercised.add(operation)
            found = document.breaches(operation, version, json.loads(body))
            where = str(operation)
        elif headers.get(b"x-emulator") == b"internal-error":
            found = ["the emulator broke inside"]
        else:
            found = document.error_breaches(version, json.loads(body))
        self.breaches += [f"{where} at {version} ({status}): {breach}" for breach in found]

    def _heard(self, account: str, key: str, body: bytes, event: dict[str, Any]) -> None:
        self.breaches += [f"event {event['type']}: {breach}" for breach in document.event_breaches(event)]

    def settle(self) -> list[str]:
        """The breaches since the last time, each once."""
        found, self.breaches = list(dict.fromkeys(self.breaches)), []
        return found
