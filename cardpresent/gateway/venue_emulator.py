"""The embedded emulator as a venue: an ASGI application called in-process, without a socket in between.

The only module of the gateway that knows the emulator exists.
"""

from pathlib import Path
from typing import Any

from cardpresent.emulator.app import StateUnusable, create_app
from cardpresent.gateway.delivery import Address, Delivery
from cardpresent.gateway.venue import Answer, DeliveryListener, Question


class VenueUnusable(Exception):
    """The emulator cannot start as asked; one sentence says why, and what to do."""


class EmulatorVenue:
    """Stripe as emulated. Also answers /_emulator/…, the emulator's own controls.

    With `state` everything is kept in that file. Raises VenueUnusable where it cannot be.
    """

    def __init__(self, seed: int | None, state: Path | None = None) -> None:
        try:
            self._app = create_app(seed, state=state)
        except StateUnusable as refused:
            raise VenueUnusable(str(refused)) from None

    @property
    def seed(self) -> int:
        return self._app.seed

    def forward(self, url: str | None, secret: str = "") -> None:
        """Have every event of every account delivered to `url` as well, from now on; None: to nobody else."""
        self._app.forward(url, secret)

    def close(self) -> None:
        """The end: nothing is asked any more."""
        self._app.close()

    async def begin(self) -> None:
        """It stands from the start."""

    async def end(self) -> None:
        """It ends with its process; a state that is kept is closed by `close`."""

    def about(self) -> dict[str, Any]:
        return {"venue": "emulator"}

    def news_due_s(self) -> float:
        return 0.0  # an event is told in the moment in which it happens

    async def clean_up(self) -> dict[str, Any]:
        return {"cleaned": [], "left": []}  # an account of its own, which goes with the process

    async def ask(self, question: Question) -> Answer:
        return await call_asgi(self._app, question)

    def on_delivery(self, listener: DeliveryListener) -> None:
        self._app.on_delivery(lambda due: listener(_delivery(due)))

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        self._app.delivery_ended(delivery, accepted)

    def cli_connected(self, session: str, is_connected: bool) -> None:
        self._app.cli_connected(session, is_connected)

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
