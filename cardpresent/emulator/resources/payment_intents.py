"""PaymentIntents: one sale's payment across all its attempts, and what may become of it."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, doc_url, invalid, lock_timeout, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying.cards import Decline
from cardpresent.emulator.resources import charges, customers, line_items
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.versions import as_of, before

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
    "payment_intent.expiry", "documented", "https://docs.stripe.com/payments/place-a-hold-on-a-payment-method",
    "At capture_before the hold lapses: charge.expired, and the PaymentIntent becomes canceled.",
)
declare(
    "payment_intent.expiry_reason", "assumed", f"{API}/payment_intents/object",
    "An expired authorization reads cancellation_reason expired.",
)
declare(
    "payment_intent.rest", "assumed", "https://docs.stripe.com/payments/multicapture",
    "Where a part was captured, a cancel or a lapse lets the rest go, and the PaymentIntent is succeeded.",
)
declare(
    "payment_intent.advice", "documented", f"{API}/charges/object",
    "A decline may advise: confirm_card_data, do_not_try_again or try_again_later.",
)
declare(
    "payment_intent.advice_of", "assumed", "https://docs.stripe.com/declines/codes",
    "Which decline advises what follows from what its code means; PIN requests advise nothing.",
)
declare(
    "payment_intent.client_secret", "assumed", f"{API}/payment_intents/retrieve",
    "A client_secret that is not the PaymentIntent's answers payment_intent_invalid_parameter.",
)
declare(
    "payment_intent.no_bank_account", "assumed", f"{API}/payment_intents/verify_microdeposits",
    "Micro-deposits and customer balances belong to methods no reader takes: both calls find a wrong state.",
)

# ------------------------------------------------------------------------------------------------------------- fields


@before("2026-09-30", "payment_intent")
def _without_allowed_types(pi: JsonObject, account: "Account") -> JsonObject:
    newer = ("allowed_payment_method_types", "payment_record")
    return {name: value for name, value in pi.items() if name not in newer}


@before("2025-03-31", "payment_intent")
def _with_invoice(pi: JsonObject, account: "Account") -> JsonObject:
    return {**pi, "invoice": None}


@before("2022-11-15", "payment_intent")
def _with_charges(pi: JsonObject, account: "Account") -> JsonObject:
    rows = [as_of(charge, "2022-08-01", account) for charge in account.charges.by(payment_intent=pi["id"])[::-1]]
    url = f"/v1/charges?payment_intent={pi['id']}"
    listed = {"object": "list", "data": rows, "has_more": False, "total_count": len(rows), "url": url}
    return {**{k: v for k, v in pi.items() if k != "latest_charge"}, "charges": listed}


# -------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("payment_intent", {
    ("requires_payment_method", "edit"):                  "requires_payment_method",
    ("requires_payment_method", "collect"):               "requires_confirmation",
    ("requires_payment_method", "decline"):               "requires_payment_method",
    ("requires_payment_method", "demand_action"):         "requires_action",
    ("requires_payment_method", "authorize"):             "requires_capture",
    ("requires_payment_method", "authorize_and_capture"): "succeeded",
    ("requires_payment_method", "cancel"):                "canceled",
    ("requires_confirmation",   "edit"):                  "requires_confirmation",
    ("requires_confirmation",   "collect"):               "requires_confirmation",
    ("requires_confirmation",   "uncollect"):             "requires_payment_method",
    ("requires_confirmation",   "decline"):               "requires_payment_method",
    ("requires_confirmation",   "demand_action"):         "requires_action",
    ("requires_confirmation",   "authorize"):             "requires_capture",
    ("requires_confirmation",   "authorize_and_capture"): "succeeded",
    ("requires_confirmation",   "cancel"):                "canceled",
    ("requires_action",         "edit"):                  "requires_confirmation",
    ("requires_action",         "collect"):               "requires_confirmation",
    ("requires_action",         "decline"):               "requires_payment_method",
    ("requires_action",         "demand_action"):         "requires_action",
    ("requires_action",         "authorize"):             "requires_capture",
    ("requires_action",         "authorize_and_capture"): "succeeded",
    ("requires_action",         "cancel"):                "canceled",
    ("requires_capture",        "capture_part"):          "requires_capture",
    ("requires_capture",        "capture"):               "succeeded",
    ("requires_capture",        "release_rest"):          "succeeded",
    ("requires_capture",        "cancel"):                "canceled",
    ("requires_capture",        "expire"):                "canceled",
})
_CANCELABLE: Final = "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing"
_ALWAYS_EDITABLE: Final = frozenset({"metadata", "description", "receipt_email", "expand", "transfer_group"})


def move(pi: JsonObject, event: str) -> None:
    pi["status"] = MACHINE.next(pi["id"], pi["status"], event)
    pi["next_action"] = None


def collect(pi: JsonObject, method: JsonObject) -> None:
    """A card was read or chosen: it is attached, and charged when it is confirmed."""
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
    pi["amount_details"] = {**pi["amount_details"], "tip": {} if tip is None else {"amount": tip}}
    pi["last_payment_error"] = None
    pi["latest_charge"], pi["payment_method"] = charge["id"], charge["payment_method"]
    if capture_now:
        later = pi["capture_method"] == "automatic_async" and account.settings.async_books == "later"
        charges.capture(account, pi, charge, amount, cause, later=later)
        pi["amount_received"] = amount
        account.emit("charge.succeeded", charge, cause)
        account.emit("payment_intent.succeeded", pi, cause)
        return
    pi["amount_capturable"] = amount
    account.emit("charge.succeeded", charge, cause)
    account.emit("payment_intent.amount_capturable_updated", pi, cause)
    account.clock.at(charges.details_of(charge)["capture_before"], lambda: _expire(account, pi, charge))


def _expire(account: "Account", pi: JsonObject, charge: JsonObject) -> None:
    if not MACHINE.allows(pi["status"], "expire"):
        return
    if charge["captured"]:
        _release_rest(account, pi, charge, BY_ITSELF)
        return
    move(pi, "expire")
    _end(account, pi, "expired")
    charges.release(account, charge, "charge.expired", BY_ITSELF)
    account.emit("payment_intent.canceled", pi, BY_ITSELF)


def _release_rest(account: "Account", pi: JsonObject, charge: JsonObject, cause: Cause) -> None:
    """What was captured in parts stays captured; what is left of the hold is let go."""
    move(pi, "release_rest")
    pi["amount_capturable"] = 0
    charges.release_rest(account, charge, cause)
    account.emit("payment_intent.succeeded", pi, cause)


def _end(account: "Account", pi: JsonObject, reason: str | None) -> None:
    pi["amount_capturable"] = 0
    pi["canceled_at"] = account.clock.now()
    pi["cancellation_reason"] = reason


def card_error(pi: JsonObject, charge: JsonObject, decline: Decline, payment_method: JsonObject) -> JsonObject:
    """A decline in the form of last_payment_error and of action.api_error."""
    error: JsonObject = {}
    if decline.advice is not None:
        error["advice_code"] = decline.advice
    error.update(charge=charge["id"], code=decline.code)
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    error["doc_url"] = doc_url(decline.code)
    error["message"] = decline.message
    if decline.param is not None:
        error["param"] = decline.param
    error["payment_method"] = payment_method
    error["type"] = "card_error"
    return error


# --------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "intent", *, in_url: bool = True) -> JsonObject:
    found = account.payment_intents.get(id)
    if found is None:
        raise missing("payment_intent", id, param, in_url=in_url)
    return found


def to_change(call: Call) -> JsonObject:
    """The PaymentIntent, unless an issuer is being asked about it right now."""
    pi = find(call.account, call.id)
    for session in call.account.asking_issuer.values():
        if session.is_asking_issuer_for(pi["id"]):
            raise lock_timeout()
    return pi


def unexpected_state(pi: JsonObject, message: str) -> StripeError:
    return invalid(message, code="payment_intent_unexpected_state", kept=True, objects={"payment_intent": pi})


def retrieve(call: Call) -> JsonObject:
    pi = find(call.account, call.id)
    if call.params.get("client_secret", pi["client_secret"]) != pi["client_secret"]:
        message = "The client_secret provided does not match the client_secret of this PaymentIntent."
        raise invalid(message, code="payment_intent_invalid_parameter", param="client_secret")
    return pi


def cancel(call: Call) -> JsonObject:
    pi, account = to_change(call), call.account
    held = charges.find(account, pi["latest_charge"]) if pi["status"] == "requires_capture" else None
    if held is not None and held["captured"]:
        _release_rest(account, pi, held, call.cause)
        return pi
    try:
        move(pi, "cancel")
    except IllegalTransition as refused:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {pi['status']}. "
            f"Only a PaymentIntent with one of the following statuses may be canceled: {_CANCELABLE}."
        )
        raise unexpected_state(pi, message) from refused
    _end(account, pi, call.params.get("cancellation_reason"))
    if held is not None:
        charges.release(account, held, "charge.refunded", call.cause)
    account.emit("payment_intent.canceled", pi, call.cause)
    return pi


def list_all(call: Call) -> JsonObject:
    account, params = call.account, call.params
    if "customer_account" in params:
        raise missing("customer_account", params["customer_account"], "customer_account", in_url=False)
    if "customer" not in params:
        return page_of(call, account.payment_intents, "/v1/payment_intents", noun="payment_intent")
    customer = customers.find(account, params["customer"], in_url=False)["id"]
    return page_of(call, account.payment_intents, "/v1/payment_intents", ("customer", customer),
                   lambda pi: bool(pi["customer"] == customer), "payment_intent")


def check_editable(pi: JsonObject, params: JsonObject) -> None:
    """Raises where a parameter may no longer be changed."""
    fixed = set(params) - _ALWAYS_EDITABLE
    if fixed and not MACHINE.allows(pi["status"], "edit"):
        message = (
            f"This PaymentIntent's {min(fixed)} could not be updated because it has a status of "
            f"{pi['status']}. You may only update it when it has one of: requires_payment_method, "
            "requires_confirmation, requires_action."
        )
        raise unexpected_state(pi, message)


def edit(account: "Account", pi: JsonObject, new: JsonObject, items: list[JsonObject] | None) -> None:
    """Sets what was checked before."""
    if new.get("customer") not in (None, pi["customer"]):
        account.payment_intents.also(pi["id"], customer=new["customer"])
    pi.update(new)
    line_items.keep(account, pi["id"], items)


def verify_microdeposits(call: Call) -> JsonObject:
    pi = to_change(call)
    message = f"This PaymentIntent awaits no micro-deposits: it has a status of {pi['status']}."
    raise unexpected_state(pi, message)


def apply_customer_balance(call: Call) -> JsonObject:
    pi = to_change(call)
    raise unexpected_state(pi, "This PaymentIntent is not paid from a customer balance.")


# ------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/payment_intents/{intent}"
OPERATIONS: Final = [
    Operation("payment_intent.list", "GET", "/v1/payment_intents", list_all, "payment_intent_list"),
    Operation("payment_intent.retrieve", "GET", _ONE, retrieve, "payment_intent_retrieve"),
    Operation("payment_intent.cancel", "POST", f"{_ONE}/cancel", cancel, "payment_intent_cancel"),
    Operation("payment_intent.verify_microdeposits", "POST", f"{_ONE}/verify_microdeposits", verify_microdeposits,
              "payment_intent_verify_microdeposits"),
    Operation("payment_intent.apply_customer_balance", "POST", f"{_ONE}/apply_customer_balance",
              apply_customer_balance, "payment_intent_apply_customer_balance"),
]
