"""PaymentIntents: one sale's payment across all its attempts, taken in person."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator import amounts, connect
from cardpresent.emulator.cards import Decline
from cardpresent.emulator.errors import JsonObject, StripeError, doc_url, invalid, lock_timeout, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.metadata import merged
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.params import UNSET, empty
from cardpresent.emulator.resources import charges
from cardpresent.emulator.versions import before
from cardpresent.emulator.wire import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_LIFECYCLE = "https://docs.stripe.com/payments/paymentintents/lifecycle"

declare(
    "payment_intent.lifecycle", "documented", _LIFECYCLE,
    "requires_payment_method to requires_capture or succeeded; a decline returns it; cancel and expiry end it.",
)
declare(
    "payment_intent.wrong_state", "observed", "https://github.com/grandnode/grandnode/issues/985",
    "Capture, cancel and edit in a wrong state answer payment_intent_unexpected_state with the whole PaymentIntent.",
)
declare(
    "payment_intent.capture_too_much", "observed", "https://github.com/Automattic/woocommerce-payments/pull/7581",
    "Capturing above the limit answers amount_too_large with the PaymentIntent, which stays capturable.",
)
declare(
    "payment_intent.overcapture_limit", "assumed", "",
    "Above the in-person overcapture limit the answer is the same amount_too_large.",
)
declare(
    "payment_intent.expiry", "documented", "https://docs.stripe.com/payments/place-a-hold-on-a-payment-method",
    "At capture_before the hold lapses: charge.expired, and the PaymentIntent becomes canceled.",
)
declare(
    "payment_intent.expiry_reason", "assumed", f"{API}/payment_intents/object",
    "An expired authorization reads cancellation_reason expired.",
)
declare(
    "payment_intent.default_capture_method", "observed", "https://github.com/stripe/stripe-android/issues/12912",
    "Without capture_method a PaymentIntent is automatic_async (automatic before 2024-04-10).",
)
declare(
    "payment_intent.automatic_methods", "assumed", f"{API}/payment_intents/create",
    "Without payment_method_types a PaymentIntent takes card alone, online, and no reader will process it.",
)
declare(
    "payment_intent.routing", "observed", "https://github.com/stripe/stripe-terminal-android/issues/490",
    "payment_method_options[card_present][routing] is unknown on accounts without domestic networks.",
)

# ------------------------------------------------------------------------------------------------------------- fields

TYPES: Final = frozenset({"card_present", "interac_present", "card"})
_TEXTS: Final = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix",
                 "transfer_group")
_CREATES: Final = (
    "allowed_payment_method_types amount application_fee_amount automatic_payment_methods capture_method "
    "confirmation_method currency description metadata on_behalf_of payment_method_options receipt_email "
    "setup_future_usage statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
)
_UPDATES: Final = (
    "allowed_payment_method_types amount application_fee_amount capture_method currency description metadata "
    "payment_method_options receipt_email setup_future_usage statement_descriptor statement_descriptor_suffix "
    "transfer_data transfer_group"
)


def _new(call: Call, amount: int, currency: str, types: list[str]) -> JsonObject:
    params, account = call.params, call.account
    id = account.ids.new("pi")
    default_capture = "automatic_async" if call.version[:10] >= "2024-04-10" else "automatic"
    return {
        "id": id, "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0,
        "application": None, "application_fee_amount": None, "automatic_payment_methods": None, "canceled_at": None,
        "cancellation_reason": None, "capture_method": params.get("capture_method", default_capture),
        "client_secret": f"{id}_secret_{account.ids.letters(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"), "created": account.clock.now(),
        "currency": currency, "customer": None, "customer_account": None, "description": params.get("description"),
        "excluded_payment_method_types": None, "last_payment_error": None, "latest_charge": None, "livemode": False,
        "managed_payments": None, "metadata": merged({}, params.get("metadata")), "next_action": None,
        "on_behalf_of": None, "payment_method": None, "payment_method_configuration_details": None,
        "payment_method_options": _options(account, types, params.get("payment_method_options"), {}),
        "payment_method_types": types, "payment_record": None, "processing": None,
        "receipt_email": params.get("receipt_email"),
        "review": None, "setup_future_usage": params.get("setup_future_usage"), "shipping": None, "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_payment_method", "transfer_data": None, "transfer_group": params.get("transfer_group"),
    }


def _types(params: JsonObject) -> list[str] | None:
    """The payment method types asked for, under either name; None where neither is given."""
    types = params.get("payment_method_types") or params.get("allowed_payment_method_types")
    if types is None:
        return None
    for kind in types:
        if kind not in TYPES:
            raise not_emulated(f'payment method type "{kind}" is not emulated', param="payment_method_types")
    return list(types)


def _options(account: "Account", types: list[str], given: Any, old: JsonObject) -> JsonObject:
    given = {} if given in (None, UNSET) else given
    for kind in given:
        if kind not in ("card_present", "interac_present"):
            param = f"payment_method_options[{kind}]"
            raise not_emulated(f'parameter "{param}" is not emulated', param=param)
    options: JsonObject = {}
    if "card_present" in types:
        asked = given.get("card_present", {})
        asked = {} if asked is UNSET else asked
        if "routing" in asked and account.settings.country not in amounts.DOMESTIC_ROUTING:
            param = "payment_method_options[card_present][routing]"
            raise invalid(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
        wanted = {
            "request_extended_authorization": False, "request_incremental_authorization_support": False,
            **old.get("card_present", {}), **asked,
        }
        options["card_present"] = {name: value for name, value in wanted.items() if value is not UNSET}
    if "interac_present" in types:
        options["interac_present"] = {}
    if "card" in types:
        options["card"] = {"installments": None, "mandate_options": None, "network": None,
                           "request_three_d_secure": "automatic"}
    return options


@before("2026-09-30", "payment_intent")
def _without_allowed_types(pi: JsonObject, account: "Account") -> JsonObject:
    newer = ("allowed_payment_method_types", "payment_record")
    return {name: value for name, value in pi.items() if name not in newer}


@before("2025-03-31", "payment_intent")
def _with_invoice(pi: JsonObject, account: "Account") -> JsonObject:
    return {**pi, "invoice": None}


@before("2022-11-15", "payment_intent")
def _with_charges(pi: JsonObject, account: "Account") -> JsonObject:
    rows = [charges._with_refunds(charge, account) for charge in account.charges.by(payment_intent=pi["id"])[::-1]]
    url = f"/v1/charges?payment_intent={pi['id']}"
    listed = {"object": "list", "data": rows, "has_more": False, "total_count": len(rows), "url": url}
    return {**{k: v for k, v in pi.items() if k != "latest_charge"}, "charges": listed}


# -------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("payment_intent", {
    ("requires_payment_method", "edit"):                  "requires_payment_method",
    ("requires_payment_method", "collect"):               "requires_confirmation",
    ("requires_payment_method", "decline"):               "requires_payment_method",
    ("requires_payment_method", "authorize"):             "requires_capture",
    ("requires_payment_method", "authorize_and_capture"): "succeeded",
    ("requires_payment_method", "cancel"):                "canceled",
    ("requires_confirmation",   "edit"):                  "requires_confirmation",
    ("requires_confirmation",   "collect"):               "requires_confirmation",
    ("requires_confirmation",   "uncollect"):             "requires_payment_method",
    ("requires_confirmation",   "decline"):               "requires_payment_method",
    ("requires_confirmation",   "authorize"):             "requires_capture",
    ("requires_confirmation",   "authorize_and_capture"): "succeeded",
    ("requires_confirmation",   "cancel"):                "canceled",
    ("requires_capture",        "capture"):               "succeeded",
    ("requires_capture",        "cancel"):                "canceled",
    ("requires_capture",        "expire"):                "canceled",
})
_CANCELABLE: Final = "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing"


def move(pi: JsonObject, event: str) -> None:
    pi["status"] = MACHINE.next(pi["id"], pi["status"], event)


def collect(pi: JsonObject, method: JsonObject) -> None:
    """A reader read a card: it is attached, and charged when it is confirmed."""
    move(pi, "collect")
    pi["payment_method"] = method["id"]


def uncollect(pi: JsonObject) -> None:
    """The collected card was given up before it was confirmed."""
    if MACHINE.allows(pi["status"], "uncollect"):
        move(pi, "uncollect")
        pi["payment_method"] = None


def decline(account: "Account", pi: JsonObject, charge: JsonObject, error: JsonObject, cause: Cause) -> None:
    """An attempt failed; the PaymentIntent waits for another card. `error` as Stripe shows it."""
    move(pi, "decline")
    pi["latest_charge"], pi["payment_method"] = charge["id"], None
    pi["last_payment_error"] = error
    account.emit("charge.failed", charge, cause)
    account.emit("payment_intent.payment_failed", pi, cause)


def authorize(
    account: "Account", pi: JsonObject, charge: JsonObject, tip: int | None, capture_now: bool, cause: Cause
) -> None:
    """The issuer said yes to the charge's amount. `tip` is what the reader added, None where it did not ask."""
    move(pi, "authorize_and_capture" if capture_now else "authorize")
    amount = charge["amount"]
    pi["amount"] = amount
    pi["amount_details"] = {"tip": {} if tip is None else {"amount": tip}}
    pi["last_payment_error"] = None
    pi["latest_charge"], pi["payment_method"] = charge["id"], charge["payment_method"]
    if capture_now:
        charges.capture(account, charge, amount)
        connect.settled(account, pi, charge, cause)
        pi["amount_received"] = amount
        account.emit("charge.succeeded", charge, cause)
        account.emit("payment_intent.succeeded", pi, cause)
        return
    pi["amount_capturable"] = amount
    account.emit("charge.succeeded", charge, cause)
    account.emit("payment_intent.amount_capturable_updated", pi, cause)
    due = charge["payment_method_details"]["card_present"]["capture_before"]
    account.clock.at(due, lambda: _expire(account, pi, charge))


def _expire(account: "Account", pi: JsonObject, charge: JsonObject) -> None:
    if not MACHINE.allows(pi["status"], "expire"):
        return
    move(pi, "expire")
    _end(account, pi, "expired")
    charges.release(account, charge, "charge.expired", BY_ITSELF)
    account.emit("payment_intent.canceled", pi, BY_ITSELF)


def _end(account: "Account", pi: JsonObject, reason: str | None) -> None:
    pi["amount_capturable"] = 0
    pi["canceled_at"] = account.clock.now()
    pi["cancellation_reason"] = reason


def card_error(pi: JsonObject, charge: JsonObject, decline: Decline, payment_method: JsonObject) -> JsonObject:
    """A decline in the form of last_payment_error and of action.api_error."""
    error: JsonObject = {"charge": charge["id"], "code": decline.code}
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    error["doc_url"] = doc_url(decline.code)
    error["message"] = decline.message
    if decline.code == "expired_card":
        error["param"] = "exp_month"
    error["payment_method"] = payment_method
    error["type"] = "card_error"
    return error


# --------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "intent", *, in_url: bool = True) -> JsonObject:
    found = account.payment_intents.get(id)
    if found is None:
        raise missing("payment_intent", id, param, in_url=in_url)
    return found


def _to_change(call: Call) -> JsonObject:
    """The PaymentIntent, unless an issuer is being asked about it right now."""
    pi = find(call.account, call.id)
    for session in call.account.sessions.values():
        if session.is_asking_issuer_for(pi["id"]):
            raise lock_timeout()
    return pi


def unexpected_state(pi: JsonObject, message: str) -> StripeError:
    return invalid(message, code="payment_intent_unexpected_state", kept=True, objects={"payment_intent": pi})


def create(call: Call) -> JsonObject:
    params, account = call.params, call.account
    currency = amounts.check_currency(params["currency"])
    amounts.check_amount(params["amount"], currency)
    types = _types(params)
    if types == []:
        raise empty("payment_method_types")
    automatic = types is None and params.get("automatic_payment_methods", {"enabled": True})["enabled"]
    types = types or ["card"]
    shared = connect.terms(account, {}, params)
    amounts.check_in_person(connect.country_of(account, shared["on_behalf_of"]), currency, types)
    pi = {**_new(call, params["amount"], currency, types), **shared}
    connect.name_sellers(account, pi)
    if automatic:
        pi["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    account.payment_intents.add(pi["id"], pi, pi["created"])
    account.emit("payment_intent.created", pi, call.cause)
    return pi


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    pi, params = _to_change(call), call.params
    beyond_metadata = set(params) - {"metadata", "description", "receipt_email", "expand", "transfer_group"}
    if beyond_metadata and not MACHINE.allows(pi["status"], "edit"):
        message = (
            f"This PaymentIntent's {min(beyond_metadata)} could not be updated because it has a status of "
            f"{pi['status']}. You may only update it when it has one of: requires_payment_method, "
            "requires_confirmation, requires_action."
        )
        raise unexpected_state(pi, message)
    changes = _changes(call.account, pi, params)
    pi.update(changes)
    return pi


def _changes(account: "Account", pi: JsonObject, params: JsonObject) -> JsonObject:
    """Every new value, all checked before the first is set."""
    changes: JsonObject = {"metadata": merged(pi["metadata"], params.get("metadata"))}
    if params.get("currency") is UNSET:
        raise empty("currency")
    currency = amounts.check_currency(params["currency"] if "currency" in params else pi["currency"])
    amount: int = params["amount"] if "amount" in params else pi["amount"]
    types = _types(params) or pi["payment_method_types"]
    amounts.check_amount(amount, currency)
    changes.update(connect.terms(account, pi, params))
    amounts.check_in_person(connect.country_of(account, pi["on_behalf_of"]), currency, types)
    changes.update(amount=amount, currency=currency, payment_method_types=types)
    changes["payment_method_options"] = _options(
        account, types, params.get("payment_method_options"), pi["payment_method_options"]
    )
    for name in (*_TEXTS, "capture_method", "setup_future_usage", "allowed_payment_method_types"):
        if name in params:
            changes[name] = None if params[name] is UNSET else params[name]
    return changes


def capture(call: Call) -> JsonObject:
    pi, account = _to_change(call), call.account
    try:
        MACHINE.next(pi["id"], pi["status"], "capture")
    except IllegalTransition as refused:
        raise unexpected_state(pi, _cannot_capture(pi)) from refused
    charge = account.charges.get(pi["latest_charge"])
    assert charge is not None
    params, shared = call.params, connect.terms(account, pi, call.params)
    amount: int = params["amount_to_capture"] if "amount_to_capture" in params else pi["amount_capturable"]
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param="amount_to_capture")
    if amount > _capture_limit(charge, pi["amount_capturable"]):
        message = "The amount to capture is greater than the amount that may be captured for this payment."
        raise amounts.too_large(message, param="amount_to_capture", objects={"payment_intent": pi})
    pi.update(shared)
    charge.update(connect.on_charge(pi))
    _take(account, pi, charge, amount)
    connect.settled(account, pi, charge, call.cause)
    if "metadata" in call.params:
        pi["metadata"] = merged(pi["metadata"], call.params["metadata"])
    account.emit("charge.captured", charge, call.cause)
    account.emit("payment_intent.succeeded", pi, call.cause)
    return pi


def _take(account: "Account", pi: JsonObject, charge: JsonObject, amount: int) -> None:
    details = charge["payment_method_details"]["card_present"]
    if amount > charge["amount"] and not details["overcapture_supported"]:
        details["amount_authorized"] = amount  # the capture shortcut: the authorization was raised first
    move(pi, "capture")
    charges.capture(account, charge, amount)
    pi["amount"] = max(pi["amount"], amount)
    pi["amount_capturable"], pi["amount_received"] = 0, amount


def _capture_limit(charge: JsonObject, capturable: int) -> int:
    details = charge["payment_method_details"]["card_present"]
    if details["overcapture_supported"]:
        return amounts.overcapture_limit(capturable)
    return amounts.AMOUNT_MAX if details["incremental_authorization_supported"] else capturable


def _cannot_capture(pi: JsonObject) -> str:
    if pi["status"] == "succeeded":
        return "This PaymentIntent could not be captured because it has already been captured."
    return (
        f"This PaymentIntent could not be captured because it has a status of {pi['status']}. "
        "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
    )


def cancel(call: Call) -> JsonObject:
    pi, account = _to_change(call), call.account
    held = pi["status"] == "requires_capture"
    try:
        move(pi, "cancel")
    except IllegalTransition as refused:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {pi['status']}. "
            f"Only a PaymentIntent with one of the following statuses may be canceled: {_CANCELABLE}."
        )
        raise unexpected_state(pi, message) from refused
    _end(account, pi, call.params.get("cancellation_reason"))
    if held:
        charge = account.charges.get(pi["latest_charge"])
        assert charge is not None
        charges.release(account, charge, "charge.refunded", call.cause)
    account.emit("payment_intent.canceled", pi, call.cause)
    return pi


def list_all(call: Call) -> JsonObject:
    for name in ("customer", "customer_account"):
        if name in call.params:
            raise not_emulated(f'parameter "{name}" is not emulated here', param=name)
    return page_of(call, call.account.payment_intents, "/v1/payment_intents", noun="payment_intent")


# ------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/payment_intents/{intent}"
OPERATIONS: Final = [
    Operation("payment_intent.create", "POST", "/v1/payment_intents", create, "payment_intent_create", _CREATES),
    Operation("payment_intent.list", "GET", "/v1/payment_intents", list_all, "payment_intent_list"),
    Operation("payment_intent.retrieve", "GET", _ONE, retrieve, "payment_intent_retrieve", ""),
    Operation("payment_intent.update", "POST", _ONE, update, "payment_intent_update", _UPDATES),
    Operation("payment_intent.capture", "POST", f"{_ONE}/capture", capture, "payment_intent_capture",
              "amount_to_capture application_fee_amount metadata transfer_data"),
    Operation("payment_intent.cancel", "POST", f"{_ONE}/cancel", cancel, "payment_intent_cancel"),
]
