"""Connection tokens: what a Terminal SDK shows to be let in."""

from typing import Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.mobile import sessions
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources import locations

declare(
    "connection_token.shape", "documented", f"{API}/terminal/connection_tokens/create",
    "A token is a pst_test_ secret; it names its location only when scoped to one.",
)


def create(call: Call) -> JsonObject:
    account, token = call.account, {"object": "terminal.connection_token"}
    if "location" in call.params:
        token["location"] = locations.find(account, call.params["location"], in_url=False)["id"]
    secret = token["secret"] = sessions.issue(account)
    if "location" in token:
        account.token_locations[secret] = token["location"]
    return token


OPERATIONS: Final = [
    Operation("connection_token.create", "POST", "/v1/terminal/connection_tokens", create,
              "terminal.connection_token_create"),
]
