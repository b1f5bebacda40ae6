"""What Stripe's command line client asks for beyond the API: sessions (`stripe listen`), events once more (`resend`).

The socket of a session is held by whoever delivers.
"""

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from cardpresent.emulator.deliveries import Endpoint
from cardpresent.emulator.errors import JsonObject, missing, not_emulated
from cardpresent.emulator.events import as_of_now, as_sent_again
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources import events, webhook_endpoints
from cardpresent.emulator.wire.params import absent
from cardpresent.emulator.wire.versions import NEWEST

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_CLI: Final = "https://github.com/stripe/stripe-cli"

declare(
    "cli.session", "observed", f"{_CLI}/tree/master/pkg/stripeauth",
    "The command line client is told its session, its signing secret, both API versions and where to connect.",
)
declare(
    "cli.events", "observed", f"{_CLI}/tree/master/pkg/websocket",
    "Each event goes to the client in the account's default version and in the newest, and it acknowledges both; which "
    "to show or forward, by version, type and account, the client decides.",
)
declare(
    "cli.once", "assumed", _CLI,
    "A client gets each event once, while it is connected; an acknowledged event counts as delivered, whatever the "
    "address it is forwarded to answers.",
)
declare(
    "cli.secret", "assumed", _CLI,
    "The signing secret of an account's sessions is always the same.",
)

declare(
    "cli.resend", "observed", f"{_CLI}/blob/master/pkg/cmd/resource/events.go",
    "POST /v1/events/{event}/retry delivers an event once more, to one webhook endpoint or to the clients connected.",
)

RECONNECT_S: Final = 24 * 3600  # the client opens its socket anew that often, and misses what happens meanwhile
CLOSED_KEPT: Final = 8  # sessions that nobody is connected to; a client may come back to one of them


def secret_of(account: "Account") -> str:
    return "whsec_" + sha256(f"command line client of {account.id}".encode()).hexdigest()


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    if "webhooks" not in params.get("websocket_features", ()):
        sentence = "a session for anything but snapshot events (thin events, request logs) is not emulated"
        raise not_emulated(sentence, param="websocket_features")
    closed = [one for one in account.endpoints.values() if one.kind == "cli" and not one.enabled]
    for endpoint in closed[: len(closed) - CLOSED_KEPT + 1] if len(closed) >= CLOSED_KEPT else ():
        account.deliveries.remove(endpoint)
    shown = {
        "id": account.ids.new("cliws"), "api_version": None, "enabled_events": ["*"], "status": "disabled",
        "url": params.get("forward_to_url", ""),
    }
    endpoint = Endpoint(account, shown, secret_of(account), "cli")
    account.deliveries.add(endpoint)
    return {
        "default_version": NEWEST, "display_connect_filter_warning": False, "latest_version": NEWEST,
        "reconnect_delay": RECONNECT_S, "secret": endpoint.secret, "websocket_authorized_feature": "webhooks",
        "websocket_id": endpoint.id, "websocket_url": "ws://localhost/v1/stripecli/subscribe",
    }


def resend(call: Call) -> msgspec.Raw:
    account, params = call.account, call.params
    about = account
    if "account" in params:
        if params["account"] not in account.connected:
            raise missing("account", params["account"], "account", in_url=False)
        about = account.connected[params["account"]]
    stored = events.find(about, call.id)
    for endpoint in _asked_for(account, params):
        version, own = endpoint.shown["api_version"] or NEWEST, endpoint.account is about
        object, body = as_sent_again(stored, about, version, own=own)
        account.deliveries.again(endpoint, stored.id, stored.type, object, body, stored.created)
    return msgspec.Raw(as_of_now(stored, about.deliveries.undelivered(stored.id)))


def _asked_for(account: "Account", params: JsonObject) -> list[Endpoint]:
    if params.get("for_stripecli"):
        return [one for one in account.endpoints.values() if one.kind == "cli" and one.enabled]
    if "webhook_endpoint" not in params:
        raise absent("webhook_endpoint")
    webhook_endpoints.find(account, params["webhook_endpoint"], in_url=False)
    return [account.endpoints[params["webhook_endpoint"]]]


# No part of Stripe's documented API, so they stand in no catalogue of it.
OPERATIONS: Final = [
    Operation("cli_session.create", "POST", "/v1/stripecli/sessions", create),
    Operation("event.retry", "POST", "/v1/events/{event}/retry", resend),
]
