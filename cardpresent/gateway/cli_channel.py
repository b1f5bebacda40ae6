"""The sockets that Stripe's command line client opens (`stripe listen`), and events over them.

Observed: https://github.com/stripe/stripe-cli, pkg/websocket and pkg/proxy. The client names its session in the header
Websocket-Id, acknowledges each event, forwards it to its own addresses and reports what they answered. Every event is
sent twice, once as of the account's version and once as of the newest: the client drops the one it was not asked for.
"""

import asyncio
import itertools
import time
from collections import OrderedDict
from typing import Any, Final

import msgspec

from cardpresent.gateway.delivery import Address, Delivery
from cardpresent.gateway.forgery import Letter, headers_of
from cardpresent.gateway.record import Recorder
from cardpresent.gateway.signature import signature_header
from cardpresent.gateway.venue import Answer, Question, Venue

PATH: Final = "/v1/stripecli/subscribe"
PROTOCOL: Final = "stripecli-devproxy-v1"
# The client asks for a new session when it reads exactly this.
_UNKNOWN: Final = b'{"error":{"message":"Unknown WebSocket ID.","type":"invalid_request_error"}}'
_UNKNOWN_STATUS: Final = 401
_UNANSWERED_KEPT: Final = 1000
_READ_CHARS: Final = 64 * 1024  # of what an address of the client answered


class _Told(msgspec.Struct):
    """What the client says: `event_ack`, or `webhook_response` with what an address of its own answered."""

    type: str
    webhook_conversation_id: str = ""
    forward_url: str = ""
    status: int = 0
    body: str = ""


class _Version(msgspec.Struct):
    api_version: str | None = None


class _Conversation:
    """One event on its way to one client."""

    __slots__ = ("acknowledged", "begin_ms", "delivery")

    def __init__(self, delivery: Delivery, begin_ms: float) -> None:
        self.delivery, self.begin_ms = delivery, begin_ms
        self.acknowledged = asyncio.Event()


class CliChannel:
    """Open sockets by session. A session has one at most: a second one takes the place of the first."""

    def __init__(self, venue: Venue, recorder: Recorder, timeout_s: float) -> None:
        self._venue = venue
        self._recorder = recorder
        self._timeout_s = timeout_s
        self._sockets: dict[str, Any] = {}
        self._conversations: OrderedDict[str, _Conversation] = OrderedDict()
        self._numbers = itertools.count(1)

    def invited(self, question: Question, answer: Answer) -> Answer:
        """The answer to the opening of a session, with the address the caller itself has come to."""
        if not answer.executed:
            return answer
        told = msgspec.json.decode(answer.body)
        host = dict(question.headers).get(b"host", b"localhost").decode("latin-1")
        return Answer(
            answer.status, answer.headers, msgspec.json.encode({**told, "websocket_url": f"ws://{host}{PATH}"})
        )

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """One socket, from its opening to its end."""
        await receive()
        session = dict(scope["headers"]).get(b"websocket-id", b"").decode("latin-1")
        address = self._venue.address(session) if scope["path"] == PATH else None
        if address is None or address.kind != "cli":
            await _refuse(send)
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in scope["subprotocols"] else None})
        self._sockets[session] = send
        self._venue.cli_connected(session, True)
        self._recorder.control({"what": "cli_connected", "session": session})
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                self._hear(message.get("text") or message.get("bytes") or "")
        finally:
            if self._sockets.get(session) is send:
                del self._sockets[session]
                self._venue.cli_connected(session, False)
                self._recorder.control({"what": "cli_gone", "session": session})

    async def deliver(self, address: Address, delivery: Delivery) -> bool:
        """Send the event; whether the client acknowledged it in time."""
        send = self._sockets.get(address.endpoint)
        if send is None:
            # It was connected when this process ended, and has not come back.
            self._venue.cli_connected(address.endpoint, False)
            return False
        newest = msgspec.json.decode(delivery.body, type=_Version).api_version
        try:
            async with asyncio.timeout(self._timeout_s):
                sent = [await self._send(send, address, delivery, version) for version in (None, newest)]
                for conversation in sent:
                    await conversation.acknowledged.wait()
        except OSError:  # the time is up, or the client has gone away meanwhile
            return False
        return True

    async def _send(self, send: Any, address: Address, delivery: Delivery, version: str | None) -> _Conversation:
        letter = Letter(delivery.body, signature_header(delivery.body, address.secrets, int(time.time())))
        id = f"wc_{next(self._numbers)}"
        conversation = self._conversations[id] = _Conversation(delivery, self._recorder.journal.now_ms())
        if len(self._conversations) > _UNANSWERED_KEPT:
            self._conversations.popitem(last=False)
        message = {
            "type": "webhook_event",
            "endpoint": {"api_version": version},
            "event_payload": delivery.body.decode(),
            "http_headers": headers_of(letter),
            "webhook_conversation_id": id,
            "webhook_id": f"wh_{delivery.event.removeprefix('evt_')}",
        }
        await send({"type": "websocket.send", "text": msgspec.json.encode(message).decode()})
        return conversation

    def _hear(self, text: str | bytes) -> None:
        try:
            told = msgspec.json.decode(text, type=_Told)
        except (msgspec.DecodeError, RecursionError):
            return
        conversation = self._conversations.get(told.webhook_conversation_id)
        if conversation is None:
            return
        if told.type == "event_ack":
            conversation.acknowledged.set()
        elif told.type == "webhook_response":
            self._recorder.webhook(
                conversation.delivery,
                told.forward_url,
                begin_ms=conversation.begin_ms,
                status=told.status,
                error=None,
                answer=told.body[:_READ_CHARS],
                genuine=True,
            )


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_UNKNOWN))]
    await send({"type": "websocket.http.response.start", "status": _UNKNOWN_STATUS, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": _UNKNOWN})
