"""Events, to be read back: the last resort of a till that missed its webhooks."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import msgspec

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.events import StoredEvent, as_of_now
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.answers import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "event.list", "documented", f"{API}/events/list",
    "Events are listed newest first, by type, by several types, or by a type ending in a wildcard.",
)


declare(
    "event.kept", "documented", f"{API}/events",
    "Events can be read for 30 days.",
)
declare(
    "event.delivery_success", "documented", f"{API}/events/list#list_events-delivery_success",
    "delivery_success=true lists events that every endpoint has accepted, false those some endpoint has not.",
)

KEPT_S: Final = 30 * 24 * 3600


def find(account: "Account", id: str) -> StoredEvent:
    found = account.events.get(id)
    if found is None or found.created < account.clock.now() - KEPT_S:
        raise missing("event", id, "id")
    return found


def retrieve(call: Call) -> msgspec.Raw:
    return _read(call.account, find(call.account, call.id))


def list_all(call: Call) -> JsonObject:
    params, account = call.params, call.account
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.", code="parameters_exclusive")
    wanted: list[str] = params.get("types") or ([params["type"]] if "type" in params else [])
    key = ("type", wanted[0]) if len(wanted) == 1 and "*" not in wanted[0] else None
    delivered, oldest = params.get("delivery_success"), account.clock.now() - KEPT_S
    now_ms = account.clock.now_ms()

    def keep(event: StoredEvent) -> bool:
        if delivered is not None and delivered is bool(account.deliveries.undelivered(event.id)):
            return False
        if event.listed_ms > now_ms:
            return False
        return event.created >= oldest and (key is not None or not wanted or _matches(event, wanted))

    page = page_of(call, account.events, "/v1/events", key, keep, "event")
    return {**page, "data": [_read(account, event) for event in page["data"]]}


def _read(account: "Account", event: StoredEvent) -> msgspec.Raw:
    return msgspec.Raw(as_of_now(event, account.deliveries.undelivered(event.id)))


def _matches(event: StoredEvent, wanted: list[str]) -> bool:
    return any(fnmatchcase(event.type, pattern) for pattern in wanted)


OPERATIONS: Final = [
    Operation("event.retrieve", "GET", "/v1/events/{event}", retrieve, "event_retrieve"),
    Operation("event.list", "GET", "/v1/events", list_all, "event_list",
              "created delivery_success ending_before limit starting_after type types"),
]
