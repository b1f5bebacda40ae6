"""SetupAttempts: each try to save a card for a SetupIntent, and what came of it."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.answers import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "setup_attempt.each", "documented", f"{API}/setup_attempts/object",
    "Every try to save a card leaves a SetupAttempt; that of a reader names the generated card.",
)


# -------------------------------------------------------------------------------------------------------------- fields


def make(account: "Account", setup_intent: JsonObject, method: JsonObject, details: JsonObject) -> JsonObject:
    """The attempt with this PaymentMethod, kept and returned; it has succeeded unless `fail` is called."""
    attempt: JsonObject = {
        "id": account.ids.new("setatt"), "object": "setup_attempt", "application": None,
        "created": account.clock.now(), "customer": setup_intent["customer"], "customer_account": None,
        "flow_directions": None, "livemode": False, "on_behalf_of": setup_intent["on_behalf_of"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: details, "type": method["type"]},
        "setup_error": None, "setup_intent": setup_intent["id"], "status": "succeeded", "usage": setup_intent["usage"],
    }
    return account.setup_attempts.add(
        attempt["id"], attempt, attempt["created"], setup_intent=setup_intent["id"]
    )


def fail(attempt: JsonObject, error: JsonObject) -> None:
    attempt["status"], attempt["setup_error"] = "failed", error


# ---------------------------------------------------------------------------------------------------------- operations


def list_all(call: Call) -> JsonObject:
    key = ("setup_intent", call.params["setup_intent"])
    return page_of(call, call.account.setup_attempts, "/v1/setup_attempts", key, noun="setup_attempt")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("setup_attempt.list", "GET", "/v1/setup_attempts", list_all, "setup_attempt_list"),
]
