"""Webhook endpoints: where an account wants its events sent. Sending them is not the emulator's work."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from cardpresent.emulator.deliveries import Endpoint
from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_PAGE: Final = f"{API}/webhook_endpoints"

declare(
    "webhook_endpoint.secret", "documented", f"{_PAGE}/object#webhook_endpoint_object-secret",
    "The signing secret is told in the answer to the creation and in no other.",
)
declare(
    "webhook_endpoint.events", "documented", f"{_PAGE}/create#create_webhook_endpoint-enabled_events",
    "enabled_events takes the event types Stripe names, one by one, or *; an unknown one answers 400.",
)
declare(
    "webhook_endpoint.every_event", "assumed", f"{_PAGE}/create#create_webhook_endpoint-enabled_events",
    "No event made here needs to be selected by name, so * means them all; * beside other names means * alone.",
)
declare(
    "webhook_endpoint.limit", "observed", "https://github.com/getlago/lago-api/pull/2154",
    "An account has at most 16 endpoints; the next one answers 400 without a code.",
)
declare(
    "webhook_endpoint.url", "documented", "https://docs.stripe.com/error-codes#url-invalid",
    "A url that is none answers 400 url_invalid.",
)
declare(
    "webhook_endpoint.local_url", "assumed", "",
    "http and addresses of one's own machine are taken, so that a till at the desk can be reached; Stripe's test mode "
    "takes http, and public addresses only.",
)
declare(
    "webhook_endpoint.status", "documented", f"{_PAGE}/update#update_webhook_endpoint-disabled",
    "disabled=true stops deliveries and reads as status disabled; disabled=false lets them go on.",
)

declare(
    "webhook_endpoint.application", "observed", "https://github.com/stripe/stripe-cli/issues/723",
    "An endpoint made with connect=true names an application; which one is made up.",
)

ENDPOINTS_MAX: Final = 16
_URL_SCHEMES: Final = ("http", "https")


# -------------------------------------------------------------------------------------------------------------- fields


def new(account: "Account", params: JsonObject) -> JsonObject:
    """The object as Stripe shows it, not kept yet. `params` are those of the creation, checked."""
    description = params.get("description")
    return {
        "id": account.ids.new("we"), "object": "webhook_endpoint", "api_version": params.get("api_version"),
        "application": _application(account) if params.get("connect") else None, "created": account.clock.now(),
        "description": None if description is UNSET else description, "enabled_events": params["enabled_events"],
        "livemode": False, "metadata": merged({}, params.get("metadata")), "status": "enabled", "url": params["url"],
    }


def _application(account: "Account") -> str:
    """The Connect application of a platform."""
    return account.id.replace("acct_", "ca_", 1)


def _check(params: JsonObject) -> None:
    """What the types of the parameters leave unsaid."""
    if "url" in params and not is_url(params["url"]):
        raise invalid("Invalid URL: an http or https address with a host is needed.", code="url_invalid", param="url")
    if "enabled_events" in params and not params["enabled_events"]:
        raise absent("enabled_events")


def is_url(text: Any) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in _URL_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, *, in_url: bool = True) -> JsonObject:
    found = account.webhook_endpoints.get(id)
    if found is None:
        raise missing("webhook endpoint", id, "webhook_endpoint", in_url=in_url)
    return found


def register(account: "Account", shown: JsonObject, secret: str, *, connect: bool) -> Endpoint:
    """Keeps the endpoint and has events sent there from now on: the account's own, or those of connected accounts."""
    account.webhook_endpoints.add(shown["id"], shown, shown["created"])
    endpoint = Endpoint(account, shown, secret)
    endpoint.own, endpoint.connected = not connect, connect
    account.deliveries.add(endpoint)
    return endpoint


def forward_all(account: "Account", where: tuple[str, str] | None) -> None:
    """Everything goes to this address, too, signed with this secret. It is no endpoint of the account's own: its lists
    do not show it."""
    if account.is_connected:
        return
    id = f"forward_{account.id}"
    before = account.endpoints.get(id)
    if before is not None:
        account.deliveries.remove(before)
    if where is not None:
        url, secret = where
        shown = {"id": id, "api_version": None, "enabled_events": ["*"], "status": "enabled", "url": url}
        account.deliveries.add(Endpoint(account, shown, secret, "forward"))


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    _check(params)
    if len(account.webhook_endpoints) >= ENDPOINTS_MAX:
        raise invalid(f"You have reached the maximum of {ENDPOINTS_MAX} test webhook endpoints.")
    shown = new(account, params)
    endpoint = register(account, shown, new_secret(account), connect=params.get("connect", False))
    return with_secret(endpoint)


def new_secret(account: "Account") -> str:
    return "whsec_" + account.ids.letters(32)


def with_secret(endpoint: Endpoint) -> JsonObject:
    """The object as its creation answers it, keys in Stripe's order."""
    return dict(sorted({**endpoint.shown, "secret": endpoint.secret}.items(), key=_after_the_id))


def _after_the_id(entry: tuple[str, Any]) -> tuple[int, str]:
    place = {"id": 0, "object": 1}.get(entry[0], 2)
    return place, entry[0]


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    shown, params = find(call.account, call.id), call.params
    _check(params)
    changes: JsonObject = {"metadata": merged(shown["metadata"], params.get("metadata"))}
    for name in ("enabled_events", "url"):
        if name in params:
            changes[name] = params[name]
    if "description" in params:
        changes["description"] = None if params["description"] is UNSET else params["description"]
    if "disabled" in params:
        changes["status"] = "disabled" if params["disabled"] else "enabled"
    shown.update(changes)
    return shown


def delete(call: Call) -> JsonObject:
    remove(call.account, find(call.account, call.id)["id"])
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def remove(account: "Account", id: str) -> None:
    """The endpoint is gone; what it was still to get, too."""
    account.webhook_endpoints.remove(id)
    account.deliveries.remove(account.endpoints[id])


def list_all(call: Call) -> JsonObject:
    return page_of(call, call.account.webhook_endpoints, _ALL, noun="webhook endpoint")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/webhook_endpoints"
_ONE: Final = "/v1/webhook_endpoints/{webhook_endpoint}"
OPERATIONS: Final = [
    Operation("webhook_endpoint.create", "POST", _ALL, create, "webhook_endpoint_create",
              "api_version connect description enabled_events metadata url"),
    Operation("webhook_endpoint.list", "GET", _ALL, list_all, "webhook_endpoint_list",
              "ending_before limit starting_after"),
    Operation("webhook_endpoint.retrieve", "GET", _ONE, retrieve, "webhook_endpoint_retrieve"),
    Operation("webhook_endpoint.update", "POST", _ONE, update, "webhook_endpoint_update",
              "description disabled enabled_events metadata url"),
    Operation("webhook_endpoint.delete", "DELETE", _ONE, delete, "webhook_endpoint_delete"),
]
