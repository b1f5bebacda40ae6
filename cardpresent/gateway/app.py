"""The gateway as an ASGI application: two doors, the till's and the suite's, into one venue.

Till's door: /v1/…, recorded as the till's, and the one place where faults apply; and /_reader/…, the readers beside an
SDK's device, which is no wire to Stripe. Suite's door: /v1/… (what the
suite changes is recorded as the suite's, an SDK's calls as those of the actor named in X-Cardpresent-Actor; never
faulted), /_gateway/… (control.py) and /_emulator/… (passed on to the venue).
"""

import hmac
import random
import socket
from typing import Any, Final

import msgspec
import uvicorn

from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway import cross_origin, outbox
from cardpresent.gateway.call import Call, api_key, is_live, read_call
from cardpresent.gateway.cli_channel import CliChannel
from cardpresent.gateway.connection import BODY_BYTES_MAX, Line, read_body
from cardpresent.gateway.control import Control
from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.engine import FaultEngine
from cardpresent.gateway.forms import parse_form
from cardpresent.gateway.outbox import Outbox
from cardpresent.gateway.quiet import Activity
from cardpresent.gateway.record import Recorder
from cardpresent.gateway.redirection import Redirection
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.venue import Answer, Headers, Question, Venue, VenueSilent
from cardpresent.gateway.webhooks import Postman
from cardpresent.model.entry import Actor

# The suite's door serves actors that are no till: the suite itself, and the SDK-shaped clients it runs.
_ACTORS: Final[dict[bytes, Actor]] = {b"suite": "suite", b"sdk": "sdk"}
# Connection-bound, or computed anew for the way back.
TOKEN_HEADER: Final = b"x-cardpresent-token"
SDK_TOKEN: Final = "pst_"
_NOT_PASSED: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"content-encoding",
     b"strict-transport-security", b"alt-svc", b"date"}
)


class Gateway:
    """One run's gateway. `till_port` tells the two doors apart; any other port is the suite's. With `one_door` there is
    none, and whoever uses the till's may use the controls, too. With a `token` there is one port for both, and the
    suite's door opens to whoever knows it; the till is known by `till_key`, and strangers are turned away."""

    def __init__(
        self,
        venue: Venue,
        journal: JournalWriter,
        till_port: int,
        seed: int,
        webhook_timeout_s: float = 10.0,
        *,
        one_door: bool = False,
        token: str | None = None,
        till_key: str = "",
    ) -> None:
        rng = random.Random(f"gateway {seed}")
        self._venue = venue
        self._journal = journal
        self._till_port = till_port
        self._one_door = one_door
        self._token = token
        self._till_key = till_key
        self._recorder = Recorder(journal)
        self._refusals = Refusals(rng)
        self._redirection = Redirection()
        self._activity = Activity(journal.now_ms)
        self._cli = CliChannel(venue, self._recorder, webhook_timeout_s)
        self._postman = Postman(venue, self._cli, self._recorder, self._activity, webhook_timeout_s)
        self._engine = FaultEngine(self._recorder.control, self._postman.send, self._postman.later, seed)
        self._postman.route_through(self._engine)
        self._activity.count_held(
            withheld=lambda: self._engine.held(comes_by_itself=False),
            late=lambda: self._engine.held(comes_by_itself=True),
        )
        self._activity.await_news(venue.news_due_s)
        self._control = Control(
            journal, self._recorder, self._engine, self._postman, self._activity, self._redirection, venue
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._cli.serve(scope, receive, send)
            return
        line = Line(scope, receive, cross_origin.readable(scope, send))
        if refused := self._turned_away(scope, scope["headers"]):
            # Before its body is read, and without a word in the journal: a stranger fills neither.
            await _send(line, refused)
            return
        body = await read_body(receive)
        if body is None:
            return
        if cross_origin.is_preflight(scope["method"], scope["path"], scope["headers"]):
            await line.answer(204, cross_origin.leave(scope["headers"]), b"")
            return
        if len(body) > BODY_BYTES_MAX:
            sentence = f"This body has more than the {BODY_BYTES_MAX:,} bytes that are taken."
            await _send(line, self._refusals.error(413, sentence, type="invalid_request_error"))
            return
        path: str = scope["path"]
        headers: Headers = scope["headers"]
        if is_live(api_key(_header(headers, b"authorization"))):
            self._recorder.control({"what": "live_key_refused"})
            await _send(line, self._refusals.live_key())
        elif path.startswith("/v1/"):
            await self._stripe(scope, headers, body, line)
        elif path.startswith("/_reader/"):
            # A reader beside the till is reached over a link of its own: no line to Stripe, nothing of it recorded.
            answer = await self._venue.ask(Question(scope["method"], path, scope["query_string"], headers, body))
            await _send(line, answer)
        elif self._is_tills(scope, headers) and not self._one_door:
            await _send(line, self._unknown(path))
        elif path.startswith("/_gateway/"):
            status, document = await self._control.answer(scope["method"], path, scope["query_string"], body)
            await line.answer(status, [(b"content-type", b"application/json")], document)
        elif path.startswith("/_emulator"):
            await self._emulator(scope, headers, body, line)
        else:
            await _send(line, self._unknown(path))

    def _turned_away(self, scope: Any, headers: Headers) -> Answer | None:
        """The answer to whoever has no business here: a token that is not ours; a page at our controls; at a gateway
        that others can reach, a key that is not the till's. A page's leave to call Stripe, and a token for an SDK, are
        the venue's to judge."""
        shown, key = _header(headers, TOKEN_HEADER), api_key(_header(headers, b"authorization"))
        if shown and not self._knows(shown):
            sentence = "The token in X-Cardpresent-Token is not this gateway's."
            return self._refusals.error(401, sentence, type="invalid_request_error")
        if scope["path"].startswith("/_gateway/") and _header(headers, b"origin"):
            # A browser sends a simple call of any page's before it asks anybody.
            sentence = "The controls of this gateway are no page's to call."
            return self._refusals.error(403, sentence, type="invalid_request_error")
        strange = self._till_key and not shown and scope["path"].startswith("/v1/") and scope["method"] != "OPTIONS"
        if not strange or is_live(key) or key.startswith(SDK_TOKEN):
            return None
        if hmac.compare_digest(key.encode(), self._till_key.encode()):
            return None
        self._redirection.request(key)
        return self._refusals.error(401, "Invalid API Key provided.", type="invalid_request_error")

    def _is_tills(self, scope: Any, headers: Headers) -> bool:
        """Whether a request came in by the till's door."""
        if self._token is not None:
            return not _header(headers, TOKEN_HEADER)
        return bool(scope["server"][1] == self._till_port)

    def _knows(self, shown: bytes) -> bool:
        return self._token is None or hmac.compare_digest(shown, self._token.encode())

    def _unknown(self, path: str) -> Answer:
        return self._refusals.unknown_url(self._journal.redactor.clean_text(path))

    async def serve(self, server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        """Take up the deliveries that are due and answer at `sockets`, until the server is told to leave."""
        await self._venue.begin()
        self._postman.begin()
        try:
            await server.serve(sockets=sockets)
        finally:
            await self._postman.close()
            await self._venue.end()

    def stop(self) -> None:
        """End everything that waits: long polls, and answers a fault holds."""
        self._control.stop()
        self._engine.release_all()

    # One request to Stripe ------------------------------------------------------------------------------------------

    async def _stripe(self, scope: Any, headers: Headers, body: bytes, line: Line) -> None:
        actor: Actor | None = "till"
        if not self._is_tills(scope, headers):
            actor = _ACTORS.get(_header(headers, b"x-cardpresent-actor") or b"suite")
        if actor is None:
            sentence = "X-Cardpresent-Actor is suite or sdk; the till has a port of its own."
            await _send(line, self._refusals.error(400, sentence, type="invalid_request_error"))
            return
        call = read_call(scope["method"], scope["path"], scope["query_string"], headers, body, actor)
        if actor == "till":
            self._redirection.request(call.key)
            self._activity.till_began()
            try:
                await self._exchange(call, line, faultable=True)
            finally:
                self._activity.till_ended()
        elif actor == "suite" and scope["method"] == "GET":
            # What the suite reads it writes down itself, as `ledger`: a second copy would be most of the journal.
            await _send(line, await self._heard(call))
        else:
            await self._exchange(call, line, faultable=False)
            self._activity.stirred()

    async def _exchange(self, call: Call, line: Line, *, faultable: bool) -> None:
        """Record, fault, ask, answer, record; and only then let the webhooks out."""
        begin_ms = self._journal.now_ms()
        request = self._recorder.request(call, begin_ms)
        waiting = Outbox()
        outbox.current.set(waiting)
        met = self._engine.for_call(call, request) if faultable else None
        venue_answer: Answer | None = None
        sent: Answer | None = None
        fault = None
        try:
            try:
                if met is None:
                    sent = venue_answer = await self._ask(call)
                else:
                    played, released = met
                    fault = played.name
                    exchange = Exchange(call, self._ask, waiting, line, self._refusals, self._postman.drained)
                    sent = await played.play(exchange, released)
                    venue_answer = exchange.venue_answer
            except VenueSilent:
                # Stripe said nothing, so the caller hears nothing; why was written down by the venue.
                sent = None
            if sent is None:
                await line.cut()
                delivered = False
            else:
                delivered = await _send(line, sent)
            self._recorder.reply(
                call, request, begin_ms, sent=sent, venue_answer=venue_answer, fault=fault, delivered=delivered
            )
        except Exception as broken:
            # Ours to answer for, never the till's: whoever judges must be able to tell.
            self._recorder.control({"what": "gateway_broke", "request": request, "error": repr(broken)})
            raise
        finally:
            waiting.open()

    async def _ask(self, call: Call) -> Answer:
        if call.operation == "webhook_endpoint.create":
            self._postman.warm()
        answer = await self._venue.ask(call.question)
        return self._cli.invited(call.question, answer) if call.operation == "cli_session.create" else answer

    async def _heard(self, call: Call) -> Answer:
        """What the suite is told when it reads: that Stripe is silent is an answer, too."""
        try:
            return await self._ask(call)
        except VenueSilent as silent:
            return self._refusals.error(503, f"Stripe gives no answer: {silent}", type="api_error")

    async def _emulator(self, scope: Any, headers: Headers, body: bytes, line: Line) -> None:
        waiting = Outbox()
        outbox.current.set(waiting)
        method, path = scope["method"], scope["path"]
        try:
            answer = await self._venue.ask(Question(method, path, scope["query_string"], headers, body))
            if path.startswith("/_emulator/webhook_endpoints"):
                self._learn_secrets(body, answer.body)
            if method != "GET":
                # The body is JSON; what is not is kept as the text it is.
                asked = self._journal.redactor.clean_document(body) if body else parse_form("")
                self._recorder.control(
                    {"what": "emulator", "method": method, "path": path, "asked": asked, "status": answer.status}
                )
            await _send(line, answer)
        finally:
            waiting.open()


    def _learn_secrets(self, *documents: bytes) -> None:
        """Keep out of the journal what endpoints are signed with, whatever it looks like."""
        for document in documents:
            try:
                told = msgspec.json.decode(document)
            except (msgspec.DecodeError, RecursionError):
                continue
            for name in ("secret", "old_secret"):
                if isinstance(told, dict) and isinstance(told.get(name), str):
                    self._journal.redactor.add(told[name])


def _header(headers: Headers, name: bytes) -> bytes:
    for found, value in headers:
        if found == name:
            return value
    return b""


async def _send(line: Line, answer: Answer) -> bool:
    headers = [(name, value) for name, value in answer.headers if name.lower() not in _NOT_PASSED]
    return await line.answer(answer.status, headers, answer.body)
