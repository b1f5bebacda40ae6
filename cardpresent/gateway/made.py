"""What this run made at Stripe. Everything else in the account is somebody's, and is neither touched nor looked at."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from cardpresent.gateway.call import Call
from cardpresent.gateway.venue import Answer

# Where an object names what it belongs to, or what belongs to it.
_LINKS: Final = ("payment_intent", "charge", "latest_charge", "setup_intent", "source", "latest_attempt")
# Objects whose ids must be the run's own before anything is done to them: money, those who pay it, and the devices
# that take it.
_GUARDED: Final = (
    "/v1/payment_intents/", "/v1/setup_intents/", "/v1/charges/", "/v1/refunds/", "/v1/customers/",
    "/v1/terminal/readers/", "/v1/terminal/locations/", "/v1/terminal/configurations/",
    "/v1/test_helpers/terminal/readers/",
)  # fmt: skip
_NAMED: Final = ("payment_intent", "charge", "setup_intent")
Document = Mapping[str, Any]


class Made:
    """Learns from every call of the run and its answer."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._keys: set[str] = set()
        self._answered_s: dict[str, float] = {}

    def asks(self, key: str) -> None:
        """A POST is sent under this key: whatever an event says was done under it is the run's, answered or not."""
        self._keys.add(key)

    def learn(self, call: Call, answer: Answer) -> None:
        """Take in an answer before anybody else sees it."""
        request = next((value for name, value in answer.headers if name == b"request-id"), None)
        if request and call.question.method != "GET":
            self._answered_s[request.decode("latin-1")] = time.monotonic()
        document = read(answer.body)
        if document is None:
            return
        made = _made_by(call, answer, document)
        if made:
            self._ids.add(made)
        inner = document.get("error")
        for one in (document, *(_objects(inner) if isinstance(inner, dict) else ())):
            self.absorb(one)

    def absorb(self, document: Document) -> bool:
        """Whether the object is the run's own; if so, what it names is, too."""
        if not self.owns(document):
            return False
        self._adopt(document)
        return True

    def _adopt(self, document: Document) -> None:
        if isinstance(document.get("id"), str):
            self._ids.add(document["id"])
        self._ids.update(_linked(document))

    def owns(self, document: Document) -> bool:
        return document.get("id") in self._ids or any(link in self._ids for link in _linked(document))

    def caused(self, event: Document) -> bool:
        """Whether the event came of a call of this run, or is about an object of its."""
        request = event.get("request")
        if isinstance(request, dict) and (
            request.get("id") in self._answered_s or request.get("idempotency_key") in self._keys
        ):
            self._adopt(_about(event))
            return True
        return self.absorb(_about(event))

    def answered_s(self, event: Document) -> float | None:
        """When the call behind an event was answered, on the monotonic clock; None where it was none of ours."""
        request = event.get("request")
        return self._answered_s.get(str(request.get("id"))) if isinstance(request, dict) else None

    def foreign_in(self, call: Call) -> str | None:
        """The object that a call would change though this run did not make it; None where there is none."""
        if call.question.method == "GET":
            return None
        path = call.question.path
        if path.startswith(_GUARDED):
            id = path.replace("/test_helpers", "").split("/")[4 if "/terminal/" in path else 3]
            if id not in self._ids:
                return id
        named = [call.params.get(name) for name in _NAMED]
        return next((id for id in named if isinstance(id, str) and id and id not in self._ids), None)


def _about(event: Document) -> Document:
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    return about if isinstance(about, dict) else {}


def read(body: bytes) -> dict[str, Any] | None:
    """A JSON object, None for anything else."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _made_by(call: Call, answer: Answer, document: Document) -> str | None:
    """The id of what a call created; a payment that was made and then declined stands in the error."""
    if call.question.method != "POST" or call.object_id is not None:
        return None
    if answer.executed:
        return document.get("id") if isinstance(document.get("id"), str) else None
    error = document.get("error")
    failed = error.get("payment_intent") or error.get("setup_intent") if isinstance(error, dict) else None
    return failed.get("id") if isinstance(failed, dict) else None


def _objects(document: Document) -> Iterator[Document]:
    for value in document.values():
        if isinstance(value, dict):
            yield value


def _linked(document: Document) -> Iterator[str]:
    for name in _LINKS:
        value = document.get(name)
        if isinstance(value, dict):
            value = value.get("id")
        if isinstance(value, str):
            yield value
