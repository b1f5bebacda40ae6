"""Events: what happened, with the whole object as it was at that moment.

Events are written as JSON once, when they happen, and kept as bytes. Which endpoint still has to get them is known to
deliveries.py.
"""

from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.wire.versions import NEWEST, as_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ENCODE: Final = msgspec.json.Encoder().encode

declare(
    "events.shape", "documented", f"{API}/events/object",
    "An event carries the full object, api_version, livemode, pending_webhooks and the request behind it.",
)
declare(
    "events.version", "documented", "https://docs.stripe.com/webhooks/versioning",
    "An event sent to an endpoint with an api_version has that version, and its object that version's shape.",
)
declare(
    "events.account_version", "assumed", f"{API}/events/object",
    "Every other event has the account's own version and its shape, the newest unless it was set, whatever version the "
    "request named.",
)
declare(
    "events.own_of_connected", "assumed", "https://docs.stripe.com/connect/webhooks",
    "account is absent where an event of a connected account goes to an endpoint of that account's own.",
)
declare(
    "events.listed_late", "assumed", f"{API}/events/list",
    "On request: an event is listed a while after it happened, each its own: one may turn up behind a younger one.",
)
_PENDING: Final = b'"pending_webhooks":'


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """One event as it was when it happened; `body` is its JSON. `listed_ms`: from when on it is listed."""

    id: str
    type: str
    created: int
    body: bytes
    listed_ms: float = 0


def describe(
    account: "Account", type: str, obj: JsonObject, cause: Cause, previous: JsonObject | None, endpoints: int
) -> JsonObject:
    """A new event, not kept yet. `previous` are the values that changed, where Stripe says so; `endpoints`, how many
    it goes to."""
    data: JsonObject = {"object": obj}
    if previous is not None:
        data["previous_attributes"] = previous
    event: JsonObject = {
        "id": account.ids.new("evt"),
        "object": "event",
        "api_version": account.settings.api_version,
        "created": account.clock.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": endpoints,
        "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
        "type": type,
    }
    if account.is_connected:
        event["account"] = account.id
    return event


def keep(account: "Account", event: JsonObject) -> StoredEvent:
    version = event["api_version"]
    body = _ENCODE(event) if version == NEWEST else as_sent(event, account, version, own=False)
    stored = StoredEvent(event["id"], event["type"], event["created"], body, _listed_ms(event["id"], account))
    return account.events.add(stored.id, stored, stored.created, type=stored.type)


def _listed_ms(id: str, account: "Account") -> float:
    """From when on an event is listed: at once, unless the account's are late; then each after a while of its own."""
    late_ms = account.settings.events_listed_within_ms
    return account.clock.now_ms() + late_ms * (crc32(id.encode()) % 100) / 100 if late_ms else 0


def as_sent(event: JsonObject, account: "Account", version: str, *, own: bool) -> bytes:
    """The event as an endpoint of `version` gets it; `own`, whether it is the account's own endpoint."""
    sent = {**event, "api_version": version}
    sent["data"] = {**event["data"], "object": as_of(event["data"]["object"], version, account)}
    if own:
        sent.pop("account", None)
    return _ENCODE(sent)


def as_sent_again(stored: StoredEvent, account: "Account", version: str, *, own: bool) -> tuple[str | None, bytes]:
    """An event from before as an endpoint of `version` gets it, and the id of the object it is about."""
    event: JsonObject = msgspec.json.decode(stored.body)
    plain = version == NEWEST and not (own and account.is_connected)
    return event["data"]["object"].get("id"), stored.body if plain else as_sent(event, account, version, own=own)


def as_of_now(stored: StoredEvent, pending: int) -> bytes:
    """The event as it reads now: all as it happened, but for the number of endpoints that have yet to accept it."""
    body = stored.body
    # the last of that name is the event's own: what follows it holds no free text but the idempotency key, quoted
    start = body.rindex(_PENDING) + len(_PENDING)
    end = body.index(b",", start)
    number = b"%d" % pending
    return body if body[start:end] == number else body[:start] + number + body[end:]
