"""The emulator as an ASGI application: HTTP in, JSON out. It knows nothing about payments."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.emulator.account import Account
from cardpresent.emulator.backend import Backend, Running, open_backend
from cardpresent.emulator.clock import Clock, wait_ms
from cardpresent.emulator.deliveries import Address, Delivery
from cardpresent.emulator.events import StoredEvent
from cardpresent.emulator.statelog import StateUnusable
from cardpresent.emulator.wire.request import Request, Scope

__all__ = ["EmulatorApp", "StateUnusable", "create_app"]

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
EventCallback = Callable[[str, str, bytes, dict[str, Any]], None]

_DECODE: Final = msgspec.json.Decoder().decode
_JSON: Final = (b"content-type", b"application/json")


class EmulatorApp:
    """All accounts behind one ASGI callable. One thread, one event loop."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._awake = False
        self._on_event: list[EventCallback] = []
        self._on_clock: list[Callable[[str], None]] = []
        backend.on_account = self._opened
        backend.on_clock = self._clock_moved

    @property
    def seed(self) -> int:
        return self._backend.seed

    # ------------------------------------------------------------------------------------------------ for the gateway

    def subscribe(self, callback: EventCallback) -> None:
        """`callback(account id, API key, event JSON, event)` is called at once whenever an event is made."""
        self._on_event.append(callback)
        for account in self._backend.accounts():
            account.listeners = [self._tell]

    def on_delivery(self, callback: Callable[[Delivery], None]) -> None:
        """`callback` gets every delivery that comes due, and at once those that are due and have not ended."""
        self._backend.deliveries.listen(callback)
        self._wake()

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        """How the delivery of that id ended. One that failed comes due again on its account's clock."""
        self._backend.delivery_ended(delivery, accepted)

    def address(self, endpoint: str) -> Address | None:
        """Where the deliveries of an endpoint go, and what signs them, as of now; None when it is gone."""
        found = self._backend.deliveries.get(endpoint)
        return None if found is None else found.address()

    def forward(self, url: str | None, secret: str = "") -> None:
        """From now on every event of every account goes to `url` as well, signed with `secret`; None ends that."""
        self._backend.forward(url, secret)

    def close(self) -> None:
        """The end: nothing is asked any more."""
        self._backend.close()

    def cli_connected(self, session: str, is_connected: bool) -> None:
        """A session of Stripe's command line client gets events while it is connected, and only then."""
        self._backend.cli_connected(session, is_connected)

    def on_clock(self, callback: Callable[[str], None]) -> None:
        """`callback(API key)` is called after that account's clock was advanced."""
        self._on_clock.append(callback)

    def account_time(self, key: str) -> int:
        """The account's time in Unix seconds; wall time for a key not seen yet."""
        account = self._backend.find_account(key)
        return int(self._backend.clock.now()) if account is None else account.clock.now()

    def _opened(self, account: Account) -> None:
        account.listeners = [self._tell] if self._on_event else []

    def _tell(self, account: Account, stored: StoredEvent) -> None:
        event = _DECODE(stored.body)
        for callback in self._on_event:
            callback(account.id, account.key, stored.body, event)

    def _clock_moved(self, account: Account) -> None:
        for callback in self._on_clock:
            callback(account.key)

    # ------------------------------------------------------------------------------------------------------------ ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        self._wake()
        request = Request.of(scope)
        request.body = await _body(receive)
        answer = self._backend.answer(request)
        if isinstance(answer, Running):
            if answer.delay_ms:
                await wait_ms(answer.delay_ms)
            answer = self._backend.complete(answer)
        await _respond(send, *answer)

    def _wake(self) -> None:
        if not self._awake:
            self._awake = True
            self._backend.wake()


def create_app(seed: int | None = None, clock: Clock | None = None, state: Path | None = None) -> EmulatorApp:
    """An emulator. `seed` decides every id, drawn fresh where none is given; `clock` defaults to the machine's.

    With `state` everything that changes is kept in that file, and what is in it is there again. Raises StateUnusable.
    """
    return EmulatorApp(open_backend(seed, clock, state))


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _respond(send: Send, status: int, body: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [_JSON, length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
