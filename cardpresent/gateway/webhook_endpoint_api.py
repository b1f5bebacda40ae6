"""/v1/webhook_endpoints, answered here and never forwarded: deliveries go out from the gateway alone.

Documented: https://docs.stripe.com/api/webhook_endpoints. The secret is shown once, in the answer to the creation.
"""

from typing import Any, Final

from cardpresent.evidence.redaction import Redactor
from cardpresent.gateway.call import Call
from cardpresent.gateway.endpoints import Endpoint, Endpoints
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.venue import Answer, Venue

PATH: Final = "/v1/webhook_endpoints"


class WebhookEndpointApi:
    """Creates, lists, retrieves, updates and deletes endpoints of the calling account."""

    def __init__(self, endpoints: Endpoints, venue: Venue, refusals: Refusals, redactor: Redactor) -> None:
        self._endpoints = endpoints
        self._venue = venue
        self._refusals = refusals
        self._redactor = redactor

    def answer(self, call: Call) -> Answer:
        """The answer to a call under /v1/webhook_endpoints."""
        if not call.key:
            return self._refusals.no_key()
        match call.operation.removeprefix("webhook_endpoint."):
            case "create":
                return self._create(call)
            case "list":
                shown = [endpoint.as_stripe() for endpoint in reversed(self._endpoints.of(call.key))]
                return self._ok({"object": "list", "url": PATH, "has_more": False, "data": shown})
            case "retrieve" | "update" | "delete" as what:
                return self._existing(call, what)
        return self._refusals.unknown_url(call.question.path)

    def _existing(self, call: Call, what: str) -> Answer:
        found = self._endpoints.get(call.object_id or "")
        if found is None or found.account_key != call.key:
            return self._refusals.unknown_object("webhook endpoint", call.object_id or "")
        if what == "update":
            return self._update(found, call.params)
        if what == "retrieve":
            return self._ok(found.as_stripe())
        self._endpoints.remove(found.id)
        return self._ok({"id": found.id, "object": "webhook_endpoint", "deleted": True})

    def _create(self, call: Call) -> Answer:
        params = call.params
        types = _types(params)
        for name, value in (("url", params.get("url")), ("enabled_events", types)):
            if not value:
                return self._refusals.missing(name)
        made = self._endpoints.add(
            str(params["url"]),
            call.key,
            types=types,
            created=self._venue.account_time(call.key),
            description=params.get("description"),
            api_version=params.get("api_version"),
            metadata=_metadata(params),
        )
        self._redactor.add(made.secret)
        return self._ok({**made.as_stripe(), "secret": made.secret})

    def _update(self, found: Endpoint, params: dict[str, Any]) -> Answer:
        if params.get("url"):
            found.url = str(params["url"])
        if _types(params):
            found.types = _types(params)
        if "disabled" in params:
            found.enabled = params["disabled"] not in ("true", True)
        if "description" in params:
            found.description = params["description"] or None
        found.metadata = {**found.metadata, **_metadata(params)}
        return self._ok(found.as_stripe())

    def _ok(self, value: dict[str, Any]) -> Answer:
        return self._refusals.document(200, value)


def _types(params: dict[str, Any]) -> tuple[str, ...]:
    sent = params.get("enabled_events")
    return tuple(str(one) for one in sent) if isinstance(sent, list) else ()


def _metadata(params: dict[str, Any]) -> dict[str, str]:
    sent = params.get("metadata")
    return {str(name): str(value) for name, value in sent.items()} if isinstance(sent, dict) else {}
