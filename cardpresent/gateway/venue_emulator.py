"""The embedded emulator as a venue: an ASGI application called in-process, without a socket in between.

The only module of the gateway that knows the emulator exists.
"""

from typing import Any

from cardpresent.emulator.app import create_app
from cardpresent.gateway.delivery import Address, Delivery
from cardpresent.gateway.venue import Answer, DeliveryListener, Question


class EmulatorVenue:
    """Stripe as emulated. Also answers /_emulator/…, the emulator's own controls."""

    def __init__(self, seed: int) -> None:
        self._app: Any = create_app(seed=seed)

    async def ask(self, question: Question) -> Answer:
        return await call_asgi(self._app, question)

    def on_delivery(self, listener: DeliveryListener) -> None:
        self._app.on_delivery(lambda due: listener(_delivery(due)))

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        self._app.delivery_ended(delivery, accepted)

    def address(self, endpoint: str) -> Address | None:
        found = self._app.address(endpoint)
        return None if found is None else Address(**found._asdict())


def _delivery(due: Any) -> Delivery:
    return Delivery(due.id, due.endpoint, due.event, due.type, due.object, due.body, due.attempt)


async def call_asgi(app: Any, question: Question) -> Answer:
    """One request to an ASGI application in this process."""
    status = 500
    headers: list[tuple[bytes, bytes]] = []
    body = b""
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": question.body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = list(message.get("headers", ()))
        else:
            body += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": question.method,
        "scheme": "http",
        "path": question.path,
        "raw_path": question.path.encode(),
        "root_path": "",
        "query_string": question.query,
        "headers": question.headers,
        "server": ("127.0.0.1", 0),
        "client": ("127.0.0.1", 0),
        "state": {},
    }
    await app(scope, receive, send)
    return Answer(status, headers, body)
