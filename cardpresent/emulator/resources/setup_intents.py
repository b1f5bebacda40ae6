"""SetupIntents: a card that is saved without being charged, at a reader or online."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, StripeError, doc_url, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying import online_cards, online_issuer
from cardpresent.emulator.paying.cards import Decline
from cardpresent.emulator.resources import customers, payment_methods, setup_attempts
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, absent, empty
from cardpresent.emulator.wire.versions import before

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_SAVING = "https://docs.stripe.com/terminal/features/saving-cards/save-cards-directly"

declare(
    "setup_intent.lifecycle", "documented", f"{API}/setup_intents/object",
    "requires_payment_method, then requires_confirmation once a card is named, then succeeded; a failure returns it.",
)
declare(
    "setup_intent.wrong_state", "documented", "https://docs.stripe.com/error-codes#setup-intent-unexpected-state",
    "Confirm, edit and cancel in a wrong state answer setup_intent_unexpected_state with the whole SetupIntent.",
)
declare(
    "setup_intent.attaches", "documented", f"{API}/setup_intents/create",
    "A confirmed card is attached to the SetupIntent's customer, if it has one.",
)
declare(
    "setup_intent.declined", "documented", f"{API}/setup_intents/confirm",
    "A card that is declined answers 402 with the SetupIntent, which waits for another card; setup_failed is sent.",
)
declare(
    "setup_intent.japan", "documented", _SAVING,
    "In Japan a card is saved in person only after a payment.",
)
declare("setup_intent.japan_error", "assumed", _SAVING, "A card_present SetupIntent of a Japanese account answers 400.")
declare(
    "setup_intent.microdeposits", "assumed", f"{API}/setup_intents/verify_microdeposits",
    "No card waits for microdeposits: verifying them answers setup_intent_unexpected_state.",
)

# -------------------------------------------------------------------------------------------------------------- fields

TYPES: Final = frozenset({"card_present", "card"})
_CREATES: Final = (
    "allowed_payment_method_types automatic_payment_methods confirm customer description metadata payment_method "
    "payment_method_options return_url usage use_stripe_sdk"
)
_UPDATES: Final = (
    "allowed_payment_method_types customer description metadata payment_method payment_method_options"
)
_CONFIRMS: Final = "payment_method payment_method_options return_url use_stripe_sdk"


def _new(account: "Account", params: JsonObject, types: list[str]) -> JsonObject:
    id = account.ids.new("seti")
    return {
        "id": id, "object": "setup_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"), "application": None,
        "automatic_payment_methods": None, "cancellation_reason": None,
        "client_secret": f"{id}_secret_{account.ids.letters(25)}", "created": account.clock.now(),
        "customer": params.get("customer"), "customer_account": None, "description": params.get("description"),
        "excluded_payment_method_types": None, "flow_directions": None, "last_setup_error": None,
        "latest_attempt": None, "livemode": False, "managed_payments": None, "mandate": None,
        "metadata": merged({}, params.get("metadata")), "next_action": None, "on_behalf_of": None,
        "payment_method": None, "payment_method_configuration_details": None,
        "payment_method_options": _options(types, params.get("payment_method_options")), "payment_method_types": types,
        "single_use_mandate": None, "status": "requires_payment_method", "usage": params.get("usage", "off_session"),
    }


def _types(account: "Account", params: JsonObject) -> list[str] | None:
    """The payment method types asked for, under either name; None where neither is given."""
    name = "payment_method_types" if "payment_method_types" in params else "allowed_payment_method_types"
    types = params.get(name)
    if types is None or types is UNSET:
        return None
    if not types:
        raise empty(name)
    for kind in types:
        if kind not in TYPES:
            raise not_emulated(f'payment method type "{kind}" is not emulated', param=name)
    if "card_present" in types and account.settings.country == "JP":
        raise invalid("In JP a card_present card is saved with a payment, not with a SetupIntent.", param=name)
    return list(types)


def _options(types: list[str], given: Any) -> JsonObject:
    given = {} if given in (None, UNSET) else given
    for kind in given:
        if kind not in TYPES:
            param = f"payment_method_options[{kind}]"
            raise not_emulated(f'parameter "{param}" is not emulated', param=param)
    for name, value in given.get("card", {}).items():
        if (name, value) != ("request_three_d_secure", "automatic"):
            param = f"payment_method_options[card][{name}]"
            raise not_emulated(f'parameter "{param}" is not emulated', param=param)
    options: JsonObject = {}
    if "card" in types:
        options["card"] = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    if "card_present" in types:
        options["card_present"] = {}
    return options


@before("2026-09-30", "setup_intent")
def _without_allowed_types(setup_intent: JsonObject, account: "Account") -> JsonObject:
    return {name: value for name, value in setup_intent.items() if name != "allowed_payment_method_types"}


# --------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("setup_intent", {
    ("requires_payment_method", "edit"):    "requires_payment_method",
    ("requires_payment_method", "name"):    "requires_confirmation",
    ("requires_payment_method", "succeed"): "succeeded",
    ("requires_payment_method", "fail"):    "requires_payment_method",
    ("requires_payment_method", "cancel"):  "canceled",
    ("requires_confirmation",   "edit"):    "requires_confirmation",
    ("requires_confirmation",   "name"):    "requires_confirmation",
    ("requires_confirmation",   "succeed"): "succeeded",
    ("requires_confirmation",   "fail"):    "requires_payment_method",
    ("requires_confirmation",   "cancel"):  "canceled",
})
_CANCELABLE: Final = "requires_payment_method, requires_confirmation, requires_action"


def _move(setup_intent: JsonObject, event: str) -> None:
    setup_intent["status"] = MACHINE.next(setup_intent["id"], setup_intent["status"], event)


def succeed(account: "Account", setup_intent: JsonObject, attempt: JsonObject, cause: Cause) -> None:
    """The card of the attempt is saved."""
    _move(setup_intent, "succeed")
    setup_intent["latest_attempt"], setup_intent["payment_method"] = attempt["id"], attempt["payment_method"]
    setup_intent["last_setup_error"] = None
    account.emit("setup_intent.succeeded", setup_intent, cause)


def fail(
    account: "Account", setup_intent: JsonObject, attempt: JsonObject, error: JsonObject, cause: Cause
) -> None:
    """The card of the attempt could not be saved; the SetupIntent waits for another one."""
    _move(setup_intent, "fail")
    setup_attempts.fail(attempt, error)
    setup_intent["latest_attempt"], setup_intent["payment_method"] = attempt["id"], None
    setup_intent["last_setup_error"] = error
    account.emit("setup_intent.setup_failed", setup_intent, cause)


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "intent", *, in_url: bool = True) -> JsonObject:
    found = account.setup_intents.get(id)
    if found is None:
        raise missing("setup_intent", id, param, in_url=in_url)
    return found


def unexpected_state(setup_intent: JsonObject, message: str) -> StripeError:
    return invalid(
        message, code="setup_intent_unexpected_state", kept=True, objects={"setup_intent": setup_intent}
    )


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    types = _types(account, params)
    automatic = types is None and params.get("automatic_payment_methods", {"enabled": True})["enabled"]
    confirms = params.get("confirm", False)
    if confirms and "payment_method" not in params:
        raise absent("payment_method")
    if "return_url" in params and not confirms:
        raise invalid("return_url can only be given together with confirm=true.", param="return_url")
    if "customer" in params:
        customers.find(account, params["customer"], "customer", in_url=False)
    if confirms:
        _check_answerable(account, params["payment_method"])
    setup_intent = _new(account, params, types or ["card"])
    if automatic:
        redirects = params.get("automatic_payment_methods", {}).get("allow_redirects", "always")
        setup_intent["automatic_payment_methods"] = {"allow_redirects": redirects, "enabled": True}
    method = _method(account, params, setup_intent["customer"], setup_intent["payment_method_types"])
    if method is not None:
        _move(setup_intent, "name")
        setup_intent["payment_method"] = method["id"]
    account.setup_intents.add(
        setup_intent["id"], setup_intent, setup_intent["created"], customer=setup_intent["customer"],
        payment_method=setup_intent["payment_method"],
    )
    account.emit("setup_intent.created", setup_intent, call.cause)
    return _confirmed(call, setup_intent, method) if confirms and method is not None else setup_intent


def _method(
    account: "Account", params: JsonObject, customer: str | None, types: list[str]
) -> JsonObject | None:
    """The PaymentMethod named, which must be usable here. A test name makes a new one: check all else before."""
    if params.get("payment_method", UNSET) is UNSET:
        return None
    if "card" not in types:
        message = "The PaymentMethod's type must be one of the SetupIntent's payment_method_types."
        raise invalid(message, param="payment_method")
    method = payment_methods.resolve(account, params["payment_method"])
    payment_methods.check_usable(account, method, customer)
    return method


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    setup_intent, params, account = find(call.account, call.id), call.params, call.account
    if set(params) - {"metadata", "description", "expand"} and not MACHINE.allows(setup_intent["status"], "edit"):
        raise unexpected_state(setup_intent, f"A SetupIntent that is {setup_intent['status']} cannot be changed.")
    changes: JsonObject = {"metadata": merged(setup_intent["metadata"], params.get("metadata"))}
    types = _types(account, params) or setup_intent["payment_method_types"]
    changes["payment_method_types"] = types
    changes["payment_method_options"] = _options(types, params.get("payment_method_options"))
    for name in ("description", "customer", "allowed_payment_method_types"):
        if name in params:
            changes[name] = None if params[name] is UNSET else params[name]
    customer = changes.get("customer", setup_intent["customer"])
    if changes.get("customer") is not None:
        customers.find(account, changes["customer"], "customer", in_url=False)
    method = _method(account, params, customer, types)
    setup_intent.update(changes)
    if customer is not None:
        account.setup_intents.also(setup_intent["id"], customer=customer)
    if method is not None:
        _name(account, setup_intent, method)
    return setup_intent


def _name(account: "Account", setup_intent: JsonObject, method: JsonObject) -> None:
    _move(setup_intent, "name")
    setup_intent["payment_method"] = method["id"]
    account.setup_intents.also(setup_intent["id"], payment_method=method["id"])


def confirm(call: Call) -> JsonObject:
    setup_intent, account, params = find(call.account, call.id), call.account, call.params
    if not MACHINE.allows(setup_intent["status"], "succeed"):
        message = f"You cannot confirm this SetupIntent because it has a status of {setup_intent['status']}."
        raise unexpected_state(setup_intent, message)
    types = setup_intent["payment_method_types"]
    _options(types, params.get("payment_method_options"))
    if "card" not in types:
        message = "A SetupIntent that takes card_present alone is confirmed by a reader."
        raise invalid(message, param="payment_method", kept=True)
    if "payment_method" not in params and setup_intent["payment_method"] is None:
        message = "You cannot confirm this SetupIntent because it is missing a payment method."
        raise unexpected_state(setup_intent, message)
    given = {"payment_method": setup_intent["payment_method"], **params}
    _check_answerable(account, given["payment_method"])
    method = _method(account, given, setup_intent["customer"], types)
    assert method is not None
    return _confirmed(call, setup_intent, method)


def _confirmed(call: Call, setup_intent: JsonObject, method: JsonObject) -> JsonObject:
    """The bank is asked about the card. Raises its refusal, which stays with the SetupIntent."""
    account = call.account
    card = payment_methods.card_of(account, method)
    if setup_intent["payment_method"] != method["id"]:
        _name(account, setup_intent, method)
    attempt = setup_attempts.make(account, setup_intent, method, _card_details(method))
    if card.decline is not None:
        error = _error(card.decline, method)
        fail(account, setup_intent, attempt, error, call.cause)
        raise StripeError(402, {
            **{name: value for name, value in error.items() if name != "doc_url"}, "setup_intent": setup_intent,
        })
    if setup_intent["customer"] is not None and method["customer"] is None:
        payment_methods.attach(account, method, setup_intent["customer"], call.cause)
    succeed(account, setup_intent, attempt, call.cause)
    return setup_intent


def _check_answerable(account: "Account", id: str) -> None:
    """Raises for a card whose bank would ask the customer something first."""
    card = online_cards.named(id, "pm_card_") or payment_methods.card_of(
        account, payment_methods.find(account, id, in_url=False)
    )
    effect = online_issuer.effect_of(card)
    if effect.startswith(("three_d_secure_required", "authentication_required")):
        raise not_emulated("saving a card that asks for authentication is not emulated", param="payment_method")


def _card_details(method: JsonObject) -> JsonObject:
    card = method["card"]
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {**{name: card[name] for name in shared}, "network": card["brand"], "three_d_secure": None, "wallet": None}


def _error(decline: Decline, method: JsonObject) -> JsonObject:
    error: JsonObject = {"code": decline.code}
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    return {
        **error, "doc_url": doc_url(decline.code), "message": decline.message, "payment_method": method,
        "type": "card_error",
    }


def cancel(call: Call) -> JsonObject:
    setup_intent = find(call.account, call.id)
    try:
        _move(setup_intent, "cancel")
    except IllegalTransition as refused:
        message = (
            f"You cannot cancel this SetupIntent because it has a status of {setup_intent['status']}. Only a "
            f"SetupIntent with one of the following statuses may be canceled: {_CANCELABLE}."
        )
        raise unexpected_state(setup_intent, message) from refused
    setup_intent["cancellation_reason"] = call.params.get("cancellation_reason")
    call.account.emit("setup_intent.canceled", setup_intent, call.cause)
    return setup_intent


def verify_microdeposits(call: Call) -> JsonObject:
    setup_intent = find(call.account, call.id)
    message = f"A SetupIntent that is {setup_intent['status']} does not wait for microdeposits to be verified."
    raise unexpected_state(setup_intent, message)


def list_all(call: Call) -> JsonObject:
    wanted = {name: call.params[name] for name in ("customer", "payment_method") if name in call.params}
    keep = (lambda row: all(row[name] == value for name, value in wanted.items())) if wanted else None
    key = next(iter(wanted.items()), None)
    return page_of(call, call.account.setup_intents, "/v1/setup_intents", key, keep, "setup_intent")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/setup_intents"
_ONE: Final = "/v1/setup_intents/{intent}"
OPERATIONS: Final = [
    Operation("setup_intent.create", "POST", _ALL, create, "setup_intent_create", _CREATES),
    Operation("setup_intent.list", "GET", _ALL, list_all, "setup_intent_list",
              "created customer ending_before limit payment_method starting_after"),
    Operation("setup_intent.retrieve", "GET", _ONE, retrieve, "setup_intent_retrieve", ""),
    Operation("setup_intent.update", "POST", _ONE, update, "setup_intent_update", _UPDATES),
    Operation("setup_intent.confirm", "POST", f"{_ONE}/confirm", confirm, "setup_intent_confirm", _CONFIRMS),
    Operation("setup_intent.cancel", "POST", f"{_ONE}/cancel", cancel, "setup_intent_cancel"),
    Operation("setup_intent.verify_microdeposits", "POST", f"{_ONE}/verify_microdeposits", verify_microdeposits,
              "setup_intent_verify_microdeposits", "amounts descriptor_code"),
]
