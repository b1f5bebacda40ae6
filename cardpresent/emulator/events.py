"""Events: what happened, with the whole object as it was at that moment.

Events are written as JSON once, when they happen, and kept as bytes. Delivering them is the gateway's work.
"""

from typing import TYPE_CHECKING, Final

import msgspec

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.versions import NEWEST

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ENCODE: Final = msgspec.json.Encoder().encode

declare(
    "events.shape", "documented", f"{API}/events/object",
    "An event carries the full object, api_version, livemode, pending_webhooks and the request behind it.",
)
declare(
    "events.version", "assumed", f"{API}/events/object",
    "Objects in events have the newest shape, whatever version the request named.",
)


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """One event as it will be sent; `body` is its JSON."""

    id: str
    type: str
    created: int
    body: bytes


def record(account: "Account", type: str, obj: JsonObject, cause: Cause, previous: JsonObject | None) -> StoredEvent:
    """Makes the event and keeps it. `previous` are the values that changed, where Stripe says so."""
    data: JsonObject = {"object": obj}
    if previous is not None:
        data["previous_attributes"] = previous
    event: JsonObject = {
        "id": account.ids.new("evt"),
        "object": "event",
        "api_version": NEWEST,
        "created": account.clock.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1 if account.listened_to else 0,
        "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
        "type": type,
    }
    if account.is_connected:
        event["account"] = account.id
    stored = StoredEvent(event["id"], type, event["created"], _ENCODE(event))
    return account.events.add(stored.id, stored, stored.created, type=type)
