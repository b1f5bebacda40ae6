"""HTTP for the emulator alone: each request is answered where its last byte is read, without a task of its own.

uvicorn keeps the sockets, the parser (httptools) and the end; only what it does between a request and an application
is left out, which costs as much as the emulator itself. An account that asked for latency waits on the loop's timer.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cardpresent.emulator.backend import Backend, Reply, Running
from cardpresent.emulator.wire.answers import encode
from cardpresent.emulator.wire.request import FIELDS, HEAD_BYTES_MAX, UPLOAD_BYTES_MAX, Request

_STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
    "content-length: ".encode()
    for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_EXPECT: Final = "expect"
_NAMES_MAX: Final = 512
_NAME_BYTES_MAX: Final = 64
_LINGER_S: Final = 5.0  # how long what comes after a refusal is still taken off the line
_LINGER_BYTES_MAX: Final = 64 * 1024 * 1024
_WAITING_MAX: Final = 64  # requests that queue on one connection before no more are read from it
_field_of: dict[bytes, str | None] = {}  # header as it was spelt -> what is done with it; None: nothing


class DirectHttp(HttpToolsProtocol):
    """One connection. Requests that come before the last answer is out, or taken by the client, wait their turn.

    No other protocol is spoken: an `Upgrade` is not taken up, and the request answered as it is.
    """

    backend: Backend  # given by `speaking_to`

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._request: Request | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._busy = self._is_full = self._in_head = self._head_is_new = False
        self._is_over = False
        self._bytes = 0

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            self._bytes += len(data)
            if self._bytes > _LINGER_BYTES_MAX:
                self.transport.close()
            return
        self._head_is_new = False
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as asked:
            if rest := data[asked.args[0] :]:
                self.data_received(rest)
            return
        except httptools.HttpParserError:
            message = "Invalid HTTP request received."
            self.logger.warning(message)
            self.send_400_response(message)
            return
        if self._in_head and not self._head_is_new and not self._is_over:
            self._bytes += len(data)
            if self._bytes > HEAD_BYTES_MAX:
                self._refuse(431, f"emulator: the head of a request may have {HEAD_BYTES_MAX:,} bytes.")

    def pause_writing(self) -> None:
        """The client does not take its answers: it gets no more until it does, and is not read either."""
        self._is_full = True
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        self._is_full = False
        self._go_on()

    # ------------------------------------------------------------------------------------------------- from the parser

    def on_message_begin(self) -> None:
        self.url = b""
        self._bytes = 0
        self._in_head = self._head_is_new = True
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
        self._bytes = 0
        self._in_head = False
        path, _, query = self._target()
        self._request = Request(
            self.parser.get_method().decode("latin-1"),
            path.decode("latin-1") if b"%" not in path else unquote(path.decode("latin-1")),
            query.decode("latin-1"), b"", **self._head,
        )

    def _target(self) -> tuple[bytes, bytes, bytes]:
        if self.url[:1] == b"/":
            return self.url.partition(b"?")
        whole = httptools.parse_url(self.url)  # as proxies ask: GET http://host/v1/… HTTP/1.1
        return whole.path or b"", b"?", whole.query or b""

    def on_body(self, body: bytes) -> None:
        if self._is_over:
            return
        self._bytes += len(body)
        if self._bytes > UPLOAD_BYTES_MAX:
            self._refuse(413, f"emulator: the body of a request may have {UPLOAD_BYTES_MAX:,} bytes.")
            return
        self._body.append(body)

    def on_message_complete(self) -> None:
        request, self._request = self._request, None
        if request is None or self._is_over or self.transport.is_closing():
            return
        if self._body:
            request.body = b"".join(self._body)
        if self._busy or self._is_full:
            self._waiting.append((request, self.parser.should_keep_alive()))
            if len(self._waiting) >= _WAITING_MAX:
                self.flow.pause_reading()
        else:
            self._answer(request, self.parser.should_keep_alive())

    # ------------------------------------------------------------------------------------------------------- answering

    def _answer(self, request: Request, keep: bool) -> None:
        admitted = self.backend.answer(request)
        if isinstance(admitted, Reply):
            self._send(admitted, request.method, keep)
        elif admitted.delay_ms:
            self._busy = True
            self.loop.call_later(admitted.delay_ms / 1000, self._late, admitted, keep)
        else:
            self._send(self.backend.complete(admitted), request.method, keep)

    def _late(self, running: Running, keep: bool) -> None:
        """The answer of a call that had to take its time, and then those that queued up behind it."""
        self._busy = False
        self._send(self.backend.complete(running), running.request.method, keep)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self._busy and not self._is_full:
            self._answer(*self._waiting.popleft())
        if not self._waiting and not self._is_full:
            self.flow.resume_reading()

    def _refuse(self, status: int, sentence: str) -> None:
        """What is too large is not looked at to its end, so the connection cannot go on.

        Closed at once it would be reset under a client that still sends, and the answer lost with it: so this side says
        that it has ended, and what still comes is dropped for a while.
        """
        if self.transport.is_closing():
            return
        body = encode({"error": {"message": sentence, "type": "invalid_request_error"}})
        self._write(Reply(status, body, []), "", keep=False)
        self._is_over, self._bytes = True, 0
        self._body = []
        self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.close)

    def _send(self, reply: Reply, method: str, keep: bool) -> None:
        if self.transport.is_closing() or self._is_over:
            return
        self._write(reply, method, keep=keep)
        if not keep:
            self.transport.close()

    def _write(self, reply: Reply, method: str, *, keep: bool) -> None:
        parts = [_STATUS[reply.status], b"%d" % len(reply.body)]
        for name, value in reply.headers:
            parts += (b"\r\n", name, b": ", value)
        parts += (b"\r\n\r\n" if keep else b"\r\nconnection: close\r\n\r\n",)
        if method != "HEAD":
            parts.append(reply.body)
        self.transport.write(b"".join(parts))

    def shutdown(self) -> None:
        """The server ends: nothing is answered any more."""
        self.transport.close()


def _learn(name: bytes) -> str | None:
    """What a header of this spelling is for, remembered."""
    lower = name.lower()
    field = _EXPECT if lower == b"expect" else FIELDS.get(lower)
    if len(_field_of) < _NAMES_MAX and len(name) <= _NAME_BYTES_MAX:
        _field_of[name] = field
    return field


def speaking_to(backend: Backend) -> type[DirectHttp]:
    """The protocol for `uvicorn.Config(http=…)`, answering from this backend."""
    kind: Any = type("DirectHttpTo", (DirectHttp,), {"backend": backend})
    answering: type[DirectHttp] = kind
    return answering
