"""The emulator as an ASGI application: HTTP in, JSON out. It knows nothing about payments."""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

import msgspec

from cardpresent.emulator import control
from cardpresent.emulator.account import Account
from cardpresent.emulator.authentication import api_key
from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.clock import Clock, WallClock, wait_ms
from cardpresent.emulator.errors import StripeError, invalid
from cardpresent.emulator.events import StoredEvent
from cardpresent.emulator.form import parse_form
from cardpresent.emulator.idempotency import Answer
from cardpresent.emulator.ids import Ids
from cardpresent.emulator.multipart import MULTIPART, Upload, parse_multipart
from cardpresent.emulator.operations import Call, Cause, Operation, Router
from cardpresent.emulator.resources import configurations
from cardpresent.emulator.versions import NEWEST, known_version
from cardpresent.emulator.wire import encode, error_body, shown

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
EventCallback = Callable[[str, str, bytes, dict[str, Any]], None]

_DECODE: Final = msgspec.json.Decoder().decode
_BROKEN: Final = b'{"error":{"message":"emulator: internal error, see its log","type":"api_error"}}'
_log: Final = logging.getLogger(__name__)
_JSON: Final = (b"content-type", b"application/json")
_NO_UPLOADS: Final[dict[str, Upload]] = {}


class _Request:
    """One request's head, read once."""

    __slots__ = ("account_header", "authorization", "content_type", "key", "method", "path", "query", "version")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: str = scope["query_string"].decode("latin-1")
        self.authorization = self.key = self.account_header = self.version = self.content_type = ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.authorization = value.decode("latin-1")
            elif name == b"idempotency-key":
                self.key = value.decode("latin-1")
            elif name == b"stripe-version":
                self.version = value.decode("latin-1")
            elif name == b"stripe-account":
                self.account_header = value.decode("latin-1")
            elif name == b"content-type":
                self.content_type = value.decode("latin-1")


class EmulatorApp:
    """All accounts behind one ASGI callable. One thread, one event loop."""

    def __init__(self, seed: int, clock: Clock | None = None) -> None:
        self._seed = seed
        self._clock = clock or WallClock()
        self._request_ids = Ids(seed, "requests")
        self._router = Router(OPERATIONS)
        self._accounts: dict[tuple[str, str], Account] = {}
        self._known: dict[tuple[str, str], Account] = {}  # by header text, so that a key is read once
        self._on_event: list[EventCallback] = []
        self._on_clock: list[Callable[[str], None]] = []

    # ------------------------------------------------------------------------------------------------ for the gateway

    def subscribe(self, callback: EventCallback) -> None:
        """`callback(account id, API key, event JSON, event)` is called at once whenever an event is made."""
        self._on_event.append(callback)
        for account in self._accounts.values():
            account.listeners = [self._tell]

    def on_clock(self, callback: Callable[[str], None]) -> None:
        """`callback(API key)` is called after that account's clock was advanced."""
        self._on_clock.append(callback)

    def account_time(self, key: str) -> int:
        """The account's time in Unix seconds; wall time for a key not seen yet."""
        account = self._accounts.get((key, ""))
        return int(self._clock.now()) if account is None else account.clock.now()

    def _tell(self, account: Account, stored: StoredEvent) -> None:
        event = _DECODE(stored.body)
        for callback in self._on_event:
            callback(account.id, account.key, stored.body, event)

    def _clock_moved(self, account: Account) -> None:
        for callback in self._on_clock:
            callback(account.key)

    def _account(self, request: _Request) -> Account:
        found = self._known.get((request.authorization, request.account_header))
        return found if found is not None else self._account_of(request)

    def _account_of(self, request: _Request) -> Account:
        """The account a request acts on, made when it is first named."""
        platform = self._platform(api_key(request.authorization))
        account = self._connected(platform, request.account_header) if request.account_header else platform
        self._known[request.authorization, request.account_header] = account
        return account

    def _platform(self, key: str) -> Account:
        account = self._accounts.get((key, ""))
        return account if account is not None else self._open(Account(key, self._seed, self._clock), "")

    def _connected(self, platform: Account, id: str) -> Account:
        if id == platform.id:
            return platform
        if not id.startswith("acct_"):
            raise invalid("The Stripe-Account header must hold an account id (acct_…).")
        account = platform.connected.get(id)
        if account is None:
            account = platform.connected[id] = self._open(
                Account(platform.key, self._seed, self._clock, id, platform), id
            )
        return account

    def _open(self, account: Account, connected: str) -> Account:
        account.listeners = [self._tell] if self._on_event else []
        configurations.make_default(account)
        self._accounts[account.key, connected] = account
        return account

    # ------------------------------------------------------------------------------------------------------------ ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = _Request(scope)
        if request.path.startswith("/_emulator"):
            await self._control(request, receive, send)
            return
        request_id = self._request_ids.new("req")
        version = NEWEST
        account = None
        try:
            account = self._account(request)
            if request.version:
                version = known_version(request.version)
            status, body, headers = await self._answer(request, account, version, request_id, receive)
        except StripeError as error:
            status, body = error.status, error_body(error, account, version, request_id)
            headers = list(error.headers)
        except Exception:
            # a mistake of ours must not look like Stripe's own refusal
            _log.exception("%s %s failed inside the emulator", request.method, request.path)
            status, body, headers = 500, _BROKEN, [(b"x-emulator", b"internal-error")]
        headers += [(b"request-id", request_id.encode()), (b"stripe-version", version.encode())]
        await _respond(send, status, body, headers)

    async def _answer(
        self, request: _Request, account: Account, version: str, request_id: str, receive: Receive
    ) -> tuple[int, bytes, Headers]:
        found = self._router.find(request.method, request.path)
        if found is None:
            raise _unrecognized(request)
        operation, ids = found
        text, uploads = request.query, _NO_UPLOADS
        if request.method == "POST":
            content = await _body(receive)
            if request.content_type.startswith(MULTIPART):
                body, uploads = parse_multipart(request.content_type, content)
            else:
                body = content.decode("utf-8", "replace")
            text = f"{text}&{body}" if text else body
        form = parse_form(text)
        if uploads:
            form.update(uploads)
            text += "".join(f"&{name}={upload.digest}" for name, upload in uploads.items())
        key = request.key if request.method == "POST" else ""
        call = Call(account, form, ids, Cause(request_id, key or None), version)
        if not key:
            if account.settings.latency_ms:
                await wait_ms(account.settings.latency_ms)
            return 200, _run(operation, call), []
        return await self._answer_once(operation, call, request, text)

    async def _answer_once(
        self, operation: Operation, call: Call, request: _Request, text: str
    ) -> tuple[int, bytes, Headers]:
        """Runs the operation under its idempotency key, or repeats the answer the key already has."""
        account, cause = call.account, call.cause
        keys, key, request_id = account.keys, request.key, cause.request_id or ""
        headers: Headers = [(b"idempotency-key", key.encode("latin-1"))]
        before = keys.begin(key, request.path, text, account.clock.now())
        if before is not None:
            original = (b"original-request", before.request_id.encode())
            return before.status, before.body, [*headers, (b"idempotent-replayed", b"true"), original]
        try:
            if account.settings.latency_ms:
                await wait_ms(account.settings.latency_ms)
            answer = Answer(200, _run(operation, call), request_id)
        except StripeError as error:
            if not error.kept:
                keys.drop(key)
                raise
            answer = Answer(error.status, error_body(error, account, call.version, request_id), request_id)
            headers += error.headers
        except BaseException:
            keys.drop(key)
            raise
        keys.end(key, answer)
        return answer.status, answer.body, headers

    async def _control(self, request: _Request, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        status: int
        answer: Any
        try:
            account = self._account(request)
        except StripeError as error:
            status, answer = error.status, {"error": str(error)}
        else:
            status, answer = control.handle(account, request.method, request.path, body, self._clock_moved)
        await _respond(send, status, encode(answer), [])


def create_app(seed: int, clock: Clock | None = None) -> EmulatorApp:
    """An emulator with no accounts yet. `seed` decides every id; `clock` defaults to the machine's."""
    return EmulatorApp(seed, clock)


def _run(operation: Operation, call: Call) -> bytes:
    call.params = operation.checked(call.params)
    answer = operation.run(call)
    return encode(shown(answer, call.account, call.version, call.params.get("expand", [])))


def _unrecognized(request: _Request) -> StripeError:
    message = f"Unrecognized request URL ({request.method}: {request.path}): not a Stripe URL, or not emulated."
    return StripeError(
        404, {"message": message, "type": "invalid_request_error"}, kept=False,
        headers=((b"x-emulator", b"not-emulated"),),
    )


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
