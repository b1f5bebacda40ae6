"""/_gateway/…: what the suite tells the gateway and asks of it. JSON in and out; errors are {"error": one sentence}."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.call import is_live
from cardpresent.gateway.delivery import Address, Delivery, object_of
from cardpresent.gateway.faults.engine import FaultEngine
from cardpresent.gateway.faults.registry import UnknownFault
from cardpresent.gateway.forgery import GENUINE, Letter, Staging, label, stage
from cardpresent.gateway.quiet import Activity
from cardpresent.gateway.record import ANSWER_CHARS, Recorder
from cardpresent.gateway.redirection import Redirection
from cardpresent.gateway.tenancy import Tenancy
from cardpresent.gateway.venue import Question, Venue, VenueSilent
from cardpresent.gateway.webhooks import Postman
from cardpresent.model.entry import Actor, Kind, Wire

_DIGITS_MAX: Final = 12


class ControlError(Exception):
    """Raised with a status and one sentence for the suite."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    kind: Kind
    data: dict[str, Any]
    wire: Wire = "none"
    actor: Actor = "suite"
    sale: str | None = None
    begin_ms: float | None = None
    end_ms: float | None = None


class _Entries(msgspec.Struct, forbid_unknown_fields=True):
    entries: list[_Entry]


class _Epoch(msgspec.Struct, forbid_unknown_fields=True):
    scenario: str | None = None


class _RunAsked(msgspec.Struct, forbid_unknown_fields=True):
    run: str
    secrets: tuple[str, ...] = ()


class _EndpointAsked(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    secret: str
    account_key: str
    old_secret: str | None = None
    types: tuple[str, ...] = ("*",)
    connect: bool = False


class _DeliveryAsked(msgspec.Struct, forbid_unknown_fields=True):
    endpoint: str
    event: dict[str, Any]
    signing: Staging = "valid"
    age_s: int | None = None


Handler = Callable[["Control", tuple[str, ...], dict[str, str], bytes], Awaitable[Any]]


class Control:
    """The gateway's controls. A route answers JSON bytes or a value to encode."""

    def __init__(
        self,
        journal: JournalWriter,
        recorder: Recorder,
        engine: FaultEngine,
        postman: Postman,
        activity: Activity,
        redirection: Redirection,
        venue: Venue,
    ) -> None:
        self._journal = journal
        self._recorder = recorder
        self._engine = engine
        self._postman = postman
        self._activity = activity
        self._redirection = redirection
        self._venue = venue
        self._tenancy = Tenancy()
        self._grown = asyncio.Event()
        self._stopping = asyncio.Event()
        journal.on_write(self._grown.set)

    def stop(self) -> None:
        """End every long poll, so that the process can."""
        self._stopping.set()
        self._grown.set()

    async def answer(self, method: str, path: str, query: bytes, body: bytes) -> tuple[int, bytes]:
        """Status and JSON of one control call."""
        self._tenancy.heard()
        try:
            for pattern, handler in _ROUTES:
                found = pattern.fullmatch(f"{method} {path}")
                if found:
                    value = await handler(self, found.groups(), dict(parse_qsl(query.decode("latin-1"))), body)
                    return 200, value if isinstance(value, bytes) else msgspec.json.encode(value)
            raise ControlError(404, f"there is no {method} {path}")
        except ControlError as refused:
            return refused.status, self._told(str(refused))
        except (UnknownFault, ValueError) as refused:  # msgspec's errors are ValueErrors that name the field
            return 400, self._told(str(refused))
        except RecursionError:
            return 400, self._told("the body nests too deep")

    def _told(self, sentence: str) -> bytes:
        return msgspec.json.encode({"error": self._journal.redactor.clean_text(sentence)})

    # Journal --------------------------------------------------------------------------------------------------------

    async def epoch(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        asked = msgspec.json.decode(body, type=_Epoch)
        self._journal.scenario = asked.scenario
        self._recorder.control({"what": "epoch", "scenario": asked.scenario})
        return {}

    async def entries(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        asked = msgspec.json.decode(body, type=_Entries).entries
        return {
            "n": [
                self._journal.write(
                    one.kind, one.wire, one.actor, one.data, sale=one.sale, begin_ms=one.begin_ms, end_ms=one.end_ms
                )
                for one in asked
            ]
        }

    async def journal(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        """A page of what came after entry `after`: `last` is its end, `newest` the journal's."""
        after, limit = _whole(query, "after", 0), _whole(query, "limit", 500)
        wait_s = _whole(query, "wait_ms", 0) / 1000
        if self._journal.last <= after and wait_s:
            try:
                async with asyncio.timeout(wait_s):
                    while self._journal.last <= after and not self._stopping.is_set():
                        self._grown.clear()
                        await self._grown.wait()
            except TimeoutError:
                pass
        lines = self._journal.lines_after(after, limit)
        last = min(max(after, self._journal.first - 1), self._journal.last) + len(lines)
        return b'{"entries":[%s],"last":%d,"newest":%d}' % (b",".join(lines), last, self._journal.last)

    # Quiet ----------------------------------------------------------------------------------------------------------

    async def quiet(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        asked = self._activity.wait(_whole(query, "quiet_ms", 50), _whole(query, "timeout_ms", 5000))
        waiting = asyncio.ensure_future(asked)
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
        for task in (waiting, stopping):
            if not task.done():
                task.cancel()
        return waiting.result() if waiting.done() else self._activity.look(0)

    async def news(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return {"heard": await self._activity.news_heard(_whole(query, "timeout_ms", 5000))}

    async def redirection(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return self._redirection.seen()

    # The venue ------------------------------------------------------------------------------------------------------

    async def about(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        # So that a load run can tell how much of a core this process needed, on whatever host it is.
        cpu_s = round(time.process_time(), 3)
        return {"journal": self._journal.last, "cpu_s": cpu_s, **self._venue.about()}

    async def begin_run(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        """A run takes a gateway that outlives it; what was armed before is released, and its secrets are kept out."""
        asked = msgspec.json.decode(body, type=_RunAsked)
        if any(is_live(secret) for secret in asked.secrets):
            raise ControlError(400, "secrets hold a live key; cardpresent works with test keys only")
        if not self._tenancy.begin(asked.run):
            raise ControlError(409, "another run has this gateway; wait for its end, or for a minute of its silence")
        for secret in asked.secrets:
            self._journal.redactor.add(secret)
        self._engine.release_all()
        self._redirection.begin_anew()
        return await self.about(ids, query, b"")

    async def end_run(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        self._tenancy.end(ids[0])
        return {}

    async def clean_up(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        """Take back what the run made at Stripe; each thing is written down."""
        try:
            told = await self._venue.clean_up()
        except VenueSilent as silent:
            raise ControlError(503, f"Stripe gives no answer, so what the run made there is left: {silent}") from None
        for one in told["cleaned"]:
            self._recorder.control({"what": "cleanup", **one})
        return told

    # Faults ---------------------------------------------------------------------------------------------------------

    async def arm(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return self._engine.arm(msgspec.json.decode(body, type=dict[str, Any])).record()

    async def faults(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return {"faults": self._engine.records()}

    async def release(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        armed = self._engine.release(ids[0])
        if armed is None:
            raise ControlError(404, f"there is no fault {ids[0]}")
        return armed.record()

    async def release_all(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return {"faults": self._engine.release_all()}

    # Webhooks -------------------------------------------------------------------------------------------------------

    async def add_endpoint(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        asked = msgspec.json.decode(body, type=_EndpointAsked)
        if is_live(asked.account_key):
            raise ControlError(400, "account_key is a live key; cardpresent works with test keys only")
        if not asked.url.startswith(("http://", "https://")):
            raise ControlError(400, f'url must begin with http:// or https://, got "{asked.url}"')
        for secret in (asked.secret, asked.old_secret):
            if secret:
                self._journal.redactor.add(secret)
        self._postman.warm()
        # The old secret no longer signs: only the deliveries staged as two_secrets carry its signature.
        wanted = {
            "url": asked.url, "secret": asked.secret, "old_secret": asked.old_secret, "old_secret_expires_in_s": 0,
            "enabled_events": asked.types, "connect": asked.connect,
        }  # fmt: skip
        made = await self._venue_control("POST", "", asked.account_key, wanted)
        return {"id": made["id"]}

    async def remove_endpoint(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        return await self._venue_control("DELETE", f"/{ids[0]}", self._address(ids[0]).key)

    def _address(self, endpoint: str) -> Address:
        found = self._venue.address(endpoint)
        if found is None:
            raise ControlError(404, f"there is no endpoint {endpoint}")
        return found

    async def _venue_control(self, method: str, path: str, key: str, asked: Any = None) -> Any:
        """What the venue's own control of webhook endpoints answers to the account of `key`."""
        headers = [(b"authorization", b"Bearer " + key.encode())]
        body = b"" if asked is None else msgspec.json.encode(asked)
        answer = await self._venue.ask(Question(method, f"/_emulator/webhook_endpoints{path}", b"", headers, body))
        value = msgspec.json.decode(answer.body)
        if answer.status != 200:
            raise ControlError(answer.status, value["error"])
        return value

    async def deliver(self, ids: tuple[str, ...], query: dict[str, str], body: bytes) -> Any:
        """Deliver what the suite hands over, now and once: an attacker's event, or one of the venue's again."""
        asked = msgspec.json.decode(body, type=_DeliveryAsked)
        address = self._address(asked.endpoint)
        known = await self._as_happened(address, asked.event)
        event = known or asked.event
        letter = stage(asked.signing, event, address.secret, address.old_secret, int(time.time()), asked.age_s)
        genuine = asked.signing in GENUINE and not asked.age_s and known is not None
        return await self._send(address, event, letter, label(asked.signing, genuine), genuine)

    async def _send(
        self, address: Address, event: dict[str, Any], letter: Letter, staging: str, genuine: bool
    ) -> dict[str, Any]:
        delivery = Delivery(
            "",
            address.endpoint,
            str(event.get("id")),
            str(event.get("type")),
            object_of(event),
            letter.body,
            staging=staging,
        )
        begin_ms = self._journal.now_ms()
        self._activity.delivery_due()
        try:
            heard = await self._postman.post(address.url, letter)
            self._recorder.webhook(
                delivery,
                address.url,
                begin_ms=begin_ms,
                status=heard.status,
                error=heard.error,
                answer=heard.answer,
                genuine=genuine,
            )
        finally:
            self._activity.delivery_done()
        answer = self._journal.redactor.clean_text(heard.answer)[:ANSWER_CHARS]
        return {"status": heard.status, "error": heard.error, "answer": answer}

    async def _as_happened(self, address: Address, event: dict[str, Any]) -> dict[str, Any] | None:
        """The venue's own event behind this one, if it made it, for this endpoint's account: only then must a till take
        it. One copied from the journal counts, though its secrets are gone; the venue's still has them."""
        headers = [(b"authorization", b"Bearer " + address.key.encode())]
        if isinstance(event.get("account"), str):
            headers.append((b"stripe-account", event["account"].encode()))
        answer = await self._venue.ask(Question("GET", f"/v1/events/{event.get('id')}", b"", headers, b""))
        if answer.status != 200:
            return None
        known: dict[str, Any] = msgspec.json.decode(answer.body)
        if isinstance(event.get("pending_webhooks"), int):
            # That number is as of now; the same event again has the bytes it had.
            known["pending_webhooks"] = event["pending_webhooks"]
        clean = self._journal.redactor.clean
        told = ("id", "type", "created", "livemode", "account", "data")
        return known if all(clean(known.get(name)) == clean(event.get(name)) for name in told) else None


def _whole(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or len(text) > _DIGITS_MAX:
        raise ControlError(400, f'{name} is a whole number from 0, got "{text}"')
    return int(text)


_ROUTES: Final[list[tuple[re.Pattern[str], Handler]]] = [
    (re.compile(f"{method} /_gateway/{path}"), handler)
    for method, path, handler in (
        ("POST", "epoch", Control.epoch),
        ("POST", "entries", Control.entries),
        ("GET", "journal", Control.journal),
        ("GET", "quiet", Control.quiet),
        ("GET", "news", Control.news),
        ("GET", "redirection", Control.redirection),
        ("GET", "about", Control.about),
        ("POST", "cleanup", Control.clean_up),
        ("POST", "runs", Control.begin_run),
        ("DELETE", "runs/([^/]+)", Control.end_run),
        ("POST", "faults", Control.arm),
        ("GET", "faults", Control.faults),
        ("DELETE", "faults", Control.release_all),
        ("DELETE", "faults/([^/]+)", Control.release),
        ("POST", "endpoints", Control.add_endpoint),
        ("DELETE", "endpoints/([^/]+)", Control.remove_endpoint),
        ("POST", "deliver", Control.deliver),
    )
]
