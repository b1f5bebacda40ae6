"""Connection tokens: what a Terminal SDK shows to be let in."""

from base64 import b64encode
from typing import Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources import locations

declare(
    "connection_token.shape", "documented", f"{API}/terminal/connection_tokens/create",
    "A token is a pst_test_ secret; it names its location only when scoped to one.",
)


def create(call: Call) -> JsonObject:
    account = call.account
    inner = b64encode(f"{account.id},{account.ids.letters(31)}".encode()).decode()
    token: JsonObject = {"object": "terminal.connection_token"}
    if "location" in call.params:
        token["location"] = locations.find(account, call.params["location"], in_url=False)["id"]
    token["secret"] = f"pst_test_{inner}_00{account.ids.letters(8)}"
    return token


OPERATIONS: Final = [
    Operation("connection_token.create", "POST", "/v1/terminal/connection_tokens", create,
              "terminal.connection_token_create"),
]
