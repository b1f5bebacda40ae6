"""Webhook endpoints that the gateway keeps itself: those of a run must never stand in the user's own account.

Answers /v1/webhook_endpoints as Stripe does (documented: https://docs.stripe.com/api/webhook_endpoints), and the
suite's own /_emulator/webhook_endpoints, where a secret may be chosen.
"""

import re
import time
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import msgspec

from cardpresent.gateway.call import Call
from cardpresent.gateway.delivery import Address, type_matches
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.token import token
from cardpresent.gateway.venue import Answer, Question

PATH: Final = "/v1/webhook_endpoints"
CONTROL: Final = "/_emulator/webhook_endpoints"
_ONE: Final = re.compile(re.escape(PATH) + r"/([^/]+)")
_JSON: Final = [(b"content-type", b"application/json")]


@dataclass(slots=True)
class _Endpoint:
    id: str
    url: str
    types: tuple[str, ...]
    secret: str
    old_secret: str | None
    created: int
    description: str | None
    metadata: dict[str, Any]
    enabled: bool = True

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id, "object": "webhook_endpoint", "api_version": None, "application": None,
            "created": self.created, "description": self.description, "enabled_events": list(self.types),
            "livemode": False, "metadata": self.metadata, "status": "enabled" if self.enabled else "disabled",
            "url": self.url,
        }  # fmt: skip


class Endpoints:
    """Every endpoint of the run, the till's own and those the suite made for it."""

    def __init__(self, key: str, rng: Random, refusals: Refusals) -> None:
        self._key, self._rng, self._refusals = key, rng, refusals
        self._known: dict[str, _Endpoint] = {}

    def wanting(self, event_type: str) -> list[str]:
        """The endpoints that an event of this type goes to."""
        return [one.id for one in self._known.values() if one.enabled and type_matches(event_type, one.types)]

    @property
    def listen(self) -> bool:
        """Whether anybody waits for news at all."""
        return any(one.enabled for one in self._known.values())

    def forget(self) -> None:
        """The run is over: nothing more is delivered anywhere."""
        self._known.clear()

    def address(self, id: str) -> Address | None:
        one = self._known.get(id)
        if one is None:
            return None
        secrets = (one.secret,)
        return Address(one.id, "webhook", one.url, one.enabled, secrets, one.secret, one.old_secret, self._key, None)

    # As Stripe's API ------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """What Stripe would answer to a call about webhook endpoints."""
        method, path, params = call.question.method, call.question.path, call.params
        if path == PATH:
            return self._create(params) if method == "POST" else self._list()
        one = self._known.get(found[1]) if (found := _ONE.fullmatch(path)) else None
        if one is None:
            return self._missing(path.rsplit("/", 1)[-1])
        if method == "DELETE":
            del self._known[one.id]
            return self._told({"id": one.id, "object": "webhook_endpoint", "deleted": True})
        if method == "POST":
            return self._update(one, params)
        return self._told(one.shown())

    def _create(self, params: dict[str, Any]) -> Answer:
        if refused := self._unfit(params, required=True):
            return refused
        made = self._make(params["url"], tuple(params["enabled_events"]), "whsec_" + token(self._rng, 32), None)
        made.description, made.metadata = params.get("description"), params.get("metadata") or {}
        return self._told({**made.shown(), "secret": made.secret})

    def _update(self, one: _Endpoint, params: dict[str, Any]) -> Answer:
        if refused := self._unfit(params, required=False):
            return refused
        one.url = params.get("url", one.url)
        one.types = tuple(params.get("enabled_events", one.types))
        one.enabled = params.get("disabled", "false" if one.enabled else "true") != "true"
        one.description = params.get("description", one.description)
        one.metadata = {**one.metadata, **(params.get("metadata") or {})}
        return self._told(one.shown())

    def _unfit(self, params: dict[str, Any], *, required: bool) -> Answer | None:
        for name in ("url", "enabled_events") if required else ():
            if not params.get(name):
                return self._refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
        url, types = params.get("url", "http://"), params.get("enabled_events", [])
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return self._refused(400, "Not a valid URL", code="url_invalid", param="url")
        if not isinstance(types, list) or not all(isinstance(one, str) for one in types):
            return self._refused(400, "Invalid array", param="enabled_events")
        if str(params.get("connect", "false")) == "true":
            return self._refused(400, "Events of connected accounts are not delivered in this venue.", param="connect")
        return None

    def _list(self) -> Answer:
        newest_first = [one.shown() for one in reversed(self._known.values())]
        return self._told({"object": "list", "data": newest_first, "has_more": False, "url": PATH})

    def _make(self, url: str, types: tuple[str, ...], secret: str, old: str | None) -> _Endpoint:
        made = _Endpoint(
            f"we_{token(self._rng, 24)}", url, types, secret, old, int(time.time()), None, {}
        )  # fmt: skip
        self._known[made.id] = made
        return made

    def _told(self, value: Any) -> Answer:
        return self._refusals.document(200, value)

    def _refused(self, status: int, message: str, **fields: Any) -> Answer:
        return self._refusals.error(status, message, type="invalid_request_error", **fields)

    def _missing(self, id: str) -> Answer:
        return self._refused(404, f"No such webhook endpoint: '{id}'", code="resource_missing", param="id")

    # As the suite's control -----------------------------------------------------------------------------------------

    def control(self, question: Question) -> Answer:
        """POST with url, secret, old_secret, enabled_events: {"id", …}; DELETE of one."""
        if question.method == "POST" and question.path == CONTROL:
            asked = msgspec.json.decode(question.body, type=dict[str, Any])
            if asked.get("connect"):
                return _plain(400, {"error": "events of connected accounts are not delivered in Stripe's test mode"})
            made = self._make(
                asked["url"], tuple(asked.get("enabled_events") or ("*",)), asked["secret"], asked.get("old_secret")
            )
            return _plain(200, {**made.shown(), "secret": made.secret})
        id = question.path.removeprefix(f"{CONTROL}/")
        if question.method == "DELETE" and self._known.pop(id, None) is not None:
            return _plain(200, {})
        return _plain(404, {"error": f"there is no endpoint {id}"})


def _plain(status: int, value: Any) -> Answer:
    return Answer(status, list(_JSON), msgspec.json.encode(value))
