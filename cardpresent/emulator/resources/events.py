"""Events, to be read back: the last resort of a till that missed its webhooks."""

from fnmatch import fnmatchcase
from typing import Final

import msgspec

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.events import StoredEvent
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire import page_of

declare(
    "event.list", "documented", f"{API}/events/list",
    "Events are listed newest first, by type, by several types, or by a type ending in a wildcard.",
)


def retrieve(call: Call) -> msgspec.Raw:
    found = call.account.events.get(call.id)
    if found is None:
        raise missing("event", call.id, "id")
    return msgspec.Raw(found.body)


def list_all(call: Call) -> JsonObject:
    params, events = call.params, call.account.events
    if "type" in params and "types" in params:
        raise invalid("You may only specify one of these parameters: type, types.", code="parameters_exclusive")
    wanted: list[str] = params.get("types") or ([params["type"]] if "type" in params else [])
    if len(wanted) == 1 and "*" not in wanted[0]:
        page = page_of(call, events, "/v1/events", ("type", wanted[0]), noun="event")
    elif wanted:
        page = page_of(call, events, "/v1/events", None, lambda event: _matches(event, wanted), "event")
    else:
        page = page_of(call, events, "/v1/events", noun="event")
    return {**page, "data": [msgspec.Raw(event.body) for event in page["data"]]}


def _matches(event: StoredEvent, wanted: list[str]) -> bool:
    return any(fnmatchcase(event.type, pattern) for pattern in wanted)


OPERATIONS: Final = [
    Operation("event.retrieve", "GET", "/v1/events/{event}", retrieve, "event_retrieve"),
    Operation("event.list", "GET", "/v1/events", list_all, "event_list",
              "created ending_before limit starting_after type types"),
]
