"""HTTP for the emulator alone: each request is answered where its last byte is read, without a task of its own.

uvicorn keeps the sockets, the parser (httptools) and the end; only what it does between a request and an application
is left out, which costs as much as the emulator itself. An account that asked for latency waits on the loop's timer.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cardpresent.emulator.backend import Backend, Reply, Running
from cardpresent.emulator.request import FIELDS, Request

_STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
    "content-length: ".encode()
    for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_EXPECT: Final = "expect"
_NAMES_MAX: Final = 512
_field_of: dict[bytes, str | None] = {}  # header as it was spelt -> what is done with it; None: nothing


class DirectHttp(HttpToolsProtocol):
    """One connection. Requests that come before the last answer is out wait their turn."""

    backend: Backend  # given by `speaking_to`

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._request: Request | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._busy = False

    # ------------------------------------------------------------------------------------------------- from the parser

    def on_message_begin(self) -> None:
        self.url = b""
        self._head: dict[str, str] = {}
        self._body: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        field = _field_of.get(name, "")
        if field == "":
            field = _learn(name)
        if field is None:
            return
        if field == _EXPECT:
            self.transport.write(_CONTINUE)
        else:
            self._head[field] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        path, _, query = self.url.partition(b"?")
        self._request = Request(
            self.parser.get_method().decode("latin-1"),
            path.decode("latin-1") if b"%" not in path else unquote(path.decode("latin-1")),
            query.decode("latin-1"), b"", **self._head,
        )

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        request, self._request = self._request, None
        if request is None:
            return
        if self._body:
            request.body = b"".join(self._body)
        if self._busy:
            self._waiting.append((request, self.parser.should_keep_alive()))
        else:
            self._answer(request, self.parser.should_keep_alive())

    # ------------------------------------------------------------------------------------------------------- answering

    def _answer(self, request: Request, keep: bool) -> None:
        admitted = self.backend.answer(request)
        if isinstance(admitted, Reply):
            self._send(admitted, keep)
        elif admitted.delay_ms:
            self._busy = True
            self.loop.call_later(admitted.delay_ms / 1000, self._late, admitted, keep)
        else:
            self._send(self.backend.complete(admitted), keep)

    def _late(self, running: Running, keep: bool) -> None:
        """The answer of a call that had to take its time, and then those that queued up behind it."""
        self._busy = False
        self._send(self.backend.complete(running), keep)
        while self._waiting and not self._busy:
            self._answer(*self._waiting.popleft())

    def _send(self, reply: Reply, keep: bool) -> None:
        if self.transport.is_closing():
            return
        parts = [_STATUS[reply.status], b"%d" % len(reply.body)]
        for name, value in reply.headers:
            parts += (b"\r\n", name, b": ", value)
        parts += (b"\r\n\r\n" if keep else b"\r\nconnection: close\r\n\r\n", reply.body)
        self.transport.write(b"".join(parts))
        if not keep:
            self.transport.close()

    def shutdown(self) -> None:
        """The server ends: nothing is answered any more."""
        self.transport.close()


def _learn(name: bytes) -> str | None:
    """What a header of this spelling is for, remembered."""
    lower = name.lower()
    field = _EXPECT if lower == b"expect" else FIELDS.get(lower)
    if len(_field_of) < _NAMES_MAX:
        _field_of[name] = field
    return field


def speaking_to(backend: Backend) -> type[DirectHttp]:
    """The protocol for `uvicorn.Config(http=…)`, answering from this backend."""
    kind: Any = type("DirectHttpTo", (DirectHttp,), {"backend": backend})
    answering: type[DirectHttp] = kind
    return answering
