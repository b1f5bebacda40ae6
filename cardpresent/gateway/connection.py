"""A connection that can be cut.

Under ASGI an application can only answer: returning without an answer, or raising, makes the server say 500, and a
half-written body is an answer, too. A till that loses its line sees none of these. So the transport travels in the
request's scope, and cutting it is `abort`: the caller's next read fails.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BODY_BYTES_MAX: Final = 32 * 1024 * 1024
_HEAD_BYTES_MAX: Final = 64 * 1024
REQUEST_S: Final = 60.0
_HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\ncontent-length: 93\r\n"
    b"connection: close\r\n\r\n"
    b'{"error":{"message":"The head of a request may have 64 KiB.","type":"invalid_request_error"}}'
)
_TRANSPORT: Final = "cardpresent.transport"


class CuttableHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol, handing its transport to the application. Heads have an end: uvicorn would read on."""

    _in_head = _head_is_new = False
    _head_bytes = 0

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_TRANSPORT: self.transport}  # type: ignore[dict-item]
        self._in_head = self._head_is_new = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        self._head_is_new = False
        super().data_received(data)
        if self._in_head and not self._head_is_new:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES_MAX and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()


class HurriedHttp(CuttableHttp):
    """The same for a port that anybody can reach: a request has to be there, whole, within REQUEST_S.

    uvicorn waits for ever for whoever connects and says nothing, or sends a head or a body letter by letter.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._hurry()

    def on_message_complete(self) -> None:
        self._in_time()
        super().on_message_complete()

    def _hurry(self) -> None:
        self._in_time()
        self._late = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Line:
    """The way back to one caller. Answers at most once."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        self._transport: asyncio.Transport = scope["extensions"][_TRANSPORT]
        self._receive = receive
        self._send = send

    @property
    def gone(self) -> bool:
        """Whether the caller has hung up (as far as this end was told)."""
        return self._transport.is_closing()

    async def hung_up(self) -> None:
        """Return once the caller has hung up."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def cut(self) -> None:
        """End the connection without an answer. Returns when it is down, so that the server adds none of its own."""
        self._transport.abort()
        await self.hung_up()

    async def answer(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send the answer; False when the caller was gone before it."""
        if self.gone:
            await self.hung_up()
            return False
        length = (b"content-length", b"%d" % len(body))
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await self._send({"type": "http.response.body", "body": body})
        return True


async def read_body(receive: Any) -> bytes | None:
    """The whole request body; None when the caller hung up while sending it. One of more than BODY_BYTES_MAX is
    not read to its end: what is returned is longer than that, and no more."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(bytes(message.get("body", b"")))
        length += len(parts[-1])
        if not message.get("more_body") or length > BODY_BYTES_MAX:
            return b"".join(parts)
