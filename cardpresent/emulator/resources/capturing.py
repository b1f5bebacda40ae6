"""Capturing what a PaymentIntent holds: less, all, more with a tip, in parts; and raising the hold before."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying import amounts, connect, statement_descriptors
from cardpresent.emulator.paying.cards import AMOUNT_ENDINGS
from cardpresent.emulator.resources import charges, disputes, line_items, payment_intents
from cardpresent.emulator.resources.payment_intent_params import payment_details
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_INCREMENTAL = "https://docs.stripe.com/terminal/features/incremental-authorizations"
_MULTICAPTURE = "https://docs.stripe.com/payments/multicapture"

declare(
    "payment_intent.capture_too_much", "observed", "https://github.com/Automattic/woocommerce-payments/pull/7581",
    "Capturing above the limit answers amount_too_large with the PaymentIntent, which stays capturable.",
)
declare(
    "payment_intent.overcapture_limit", "assumed", "",
    "Above the in-person overcapture limit the answer is the same amount_too_large.",
)
declare(
    "capture.shortcut", "documented", _INCREMENTAL,
    "Capturing more than is held raises the authorization first, unless on-receipt tips apply: those always succeed.",
)
declare(
    "capture.parts", "documented", _MULTICAPTURE,
    "With multicapture final_capture=false takes a part and holds the rest, 50 times; online cards only.",
)
declare(
    "capture.parts_refused", "assumed", _MULTICAPTURE,
    "final_capture=false where the charge does not support multicapture answers 400 with param final_capture.",
)
declare(
    "increment.rules", "documented", _INCREMENTAL,
    "A hold is raised to a greater total at most 10 times, declines included, and only where the charge supports it.",
)
declare(
    "increment.declined", "documented", _INCREMENTAL,
    "A declined increment answers 402 card_declined; the old amount stays capturable and nothing else is saved.",
)
declare(
    "increment.declines_when", "assumed", _INCREMENTAL,
    "The new total's last two digits decide as for a card that is presented.",
)
declare(
    "increment.refusals", "assumed", f"{API}/payment_intents/increment_authorization",
    "An amount that is not greater answers 400 with param amount; an unsupported charge or an eleventh attempt "
    "answers payment_intent_unexpected_state.",
)
declare(
    "increment.events", "assumed", f"{API}/payment_intents/increment_authorization",
    "A raised hold tells charge.updated and payment_intent.amount_capturable_updated; a declined one tells nothing.",
)

INCREMENTS_MAX: Final = 10
CAPTURES_MAX: Final = 50


# --------------------------------------------------------------------------------------------------------- transitions


def _supports_increment(charge: JsonObject) -> bool:
    details = charges.details_of(charge)
    if "incremental_authorization" in details:
        return bool(details["incremental_authorization"]["status"] == "available")
    return bool(details.get("incremental_authorization_supported"))


def _overcaptures(charge: JsonObject) -> bool:
    return bool(charges.details_of(charge).get("overcapture_supported"))


def _raise_hold(account: "Account", pi: JsonObject, charge: JsonObject, amount: int) -> None:
    """Asks the bank for a greater total. Raises its decline, which costs an attempt, too."""
    attempts = account.increments.get(pi["id"], 0)
    if attempts >= INCREMENTS_MAX:
        message = f"This authorization was raised {INCREMENTS_MAX} times already; capture or cancel it."
        raise payment_intents.unexpected_state(pi, message)
    account.increments[pi["id"]] = attempts + 1
    decline = AMOUNT_ENDINGS.get(amount % 100) if charge["payment_method_details"]["type"] != "card" else None
    if decline is not None:
        method = account.payment_methods.get(charge["payment_method"])
        error = payment_intents.card_error(pi, charge, decline, method or {})
        raise StripeError(402, {**error, "payment_intent": pi})
    charges.details_of(charge)["amount_authorized"] = charge["amount"] = pi["amount"] = amount
    pi["amount_capturable"] = amount


# ---------------------------------------------------------------------------------------------------------- operations


def capture(call: Call) -> JsonObject:
    pi, account, params = payment_intents.to_change(call), call.account, call.params
    try:
        payment_intents.MACHINE.next(pi["id"], pi["status"], "capture")
    except IllegalTransition as refused:
        raise payment_intents.unexpected_state(pi, _cannot_capture(pi)) from refused
    charge = charges.find(account, pi["latest_charge"])
    amount: int = params["amount_to_capture"] if "amount_to_capture" in params else pi["amount_capturable"]
    final = params.get("final_capture", True) or amount >= pi["amount_capturable"]
    _check_capture(account, pi, charge, amount, params)
    changes, items = _changes(account, pi, params)
    if amount > pi["amount_capturable"] and not _overcaptures(charge):
        _raise_hold(account, pi, charge, amount)
    payment_intents.edit(account, pi, changes, items)
    charge.update(connect.on_charge(pi))
    _describe(charge, pi)
    _take(account, pi, charge, amount, final, call.cause)
    return pi


def _take(
    account: "Account", pi: JsonObject, charge: JsonObject, amount: int, final: bool, cause: Cause
) -> None:
    payment_intents.move(pi, "capture" if final else "capture_part")
    charges.capture(account, pi, charge, amount, cause, final=final)
    pi["amount"] = max(pi["amount"], charge["amount_captured"])
    pi["amount_capturable"] = 0 if final else pi["amount_capturable"] - amount
    pi["amount_received"] = charge["amount_captured"]
    account.emit("charge.captured", charge, cause)
    account.emit("payment_intent.succeeded" if final else "payment_intent.amount_capturable_updated", pi, cause)
    if final:
        disputes.arrive_later(account, charge)


def _check_capture(
    account: "Account", pi: JsonObject, charge: JsonObject, amount: int, params: JsonObject
) -> None:
    amounts.check_positive(amount, "amount_to_capture")
    if amount > _capture_limit(charge, pi["amount_capturable"]):
        message = "The amount to capture is greater than the amount that may be captured for this payment."
        raise amounts.too_large(message, param="amount_to_capture", objects={"payment_intent": pi})
    if params.get("final_capture", True):
        return
    if charges.details_of(charge).get("multicapture", {}).get("status") != "available":
        message = "This payment can be captured once only: multicapture is not available for it."
        raise invalid(message, param="final_capture")
    if pi["application_fee_amount"] is not None or pi["transfer_data"] is not None:
        raise not_emulated("capturing a platform's payment in parts is not emulated", param="final_capture")
    if len(account.balance_transactions.by(source=charge["id"])) >= CAPTURES_MAX - 1:
        raise invalid(f"A payment is captured in at most {CAPTURES_MAX} parts.", param="final_capture")


def _capture_limit(charge: JsonObject, capturable: int) -> int:
    if _overcaptures(charge):
        return amounts.overcapture_limit(capturable)
    raisable = _supports_increment(charge) and not charge["captured"]
    return amounts.maximum(charge["currency"]) if raisable else capturable


def _cannot_capture(pi: JsonObject) -> str:
    if pi["status"] == "succeeded":
        return "This PaymentIntent could not be captured because it has already been captured."
    return (
        f"This PaymentIntent could not be captured because it has a status of {pi['status']}. "
        "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
    )


def _changes(account: "Account", pi: JsonObject, params: JsonObject) -> tuple[JsonObject, list[JsonObject] | None]:
    """What a capture or an increment changes beside the amount, checked."""
    new = connect.terms(account, pi, params)
    new["metadata"] = merged(pi["metadata"], params.get("metadata"))
    amount = next((params[name] for name in ("amount", "amount_to_capture") if name in params), pi["amount"])
    details, items = line_items.checked(params.get("amount_details"), pi["amount_details"], amount)
    new["amount_details"] = details
    statement_descriptors.check(params, [kind for kind in pi["payment_method_types"] if kind == "card"])
    for name in ("description", "statement_descriptor", "statement_descriptor_suffix"):
        if name in params:
            new[name] = None if params[name] is UNSET else params[name]
    if "payment_details" in params:
        new["payment_details"] = payment_details(params["payment_details"], pi.get("payment_details", {}))
    return new, items


def _describe(charge: JsonObject, pi: JsonObject) -> None:
    """The charge says on the statement what its PaymentIntent says now."""
    whole, suffix = pi["statement_descriptor"], pi["statement_descriptor_suffix"]
    charge["statement_descriptor"], charge["statement_descriptor_suffix"] = whole, suffix
    charge["calculated_statement_descriptor"] = statement_descriptors.calculated(whole, suffix)


def increment_authorization(call: Call) -> JsonObject:
    pi, account, params = payment_intents.to_change(call), call.account, call.params
    amount: int = params["amount"]
    if pi["status"] != "requires_capture":
        message = (
            f"This PaymentIntent's authorization could not be incremented because it has a status of {pi['status']}. "
            "Only a PaymentIntent with a status of requires_capture may be incremented."
        )
        raise payment_intents.unexpected_state(pi, message)
    charge = charges.find(account, pi["latest_charge"])
    if not _supports_increment(charge) or charge["captured"]:
        message = "This PaymentIntent does not support incremental authorization."
        raise payment_intents.unexpected_state(pi, message)
    if amount <= pi["amount"]:
        raise invalid("The new amount must be greater than the amount authorized so far.", param="amount", kept=True)
    amounts.check_amount(amount, pi["currency"])
    changes, items = _changes(account, pi, params)
    before = {"amount": charge["amount"]}
    _raise_hold(account, pi, charge, amount)
    payment_intents.edit(account, pi, changes, items)
    charge.update(connect.on_charge(pi))
    _describe(charge, pi)
    account.emit("charge.updated", charge, call.cause, before)
    account.emit("payment_intent.amount_capturable_updated", pi, call.cause)
    return pi


# -------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/payment_intents/{intent}"
OPERATIONS: Final = [
    Operation("payment_intent.capture", "POST", f"{_ONE}/capture", capture, "payment_intent_capture",
              "amount_details amount_to_capture application_fee_amount final_capture metadata payment_details "
              "statement_descriptor statement_descriptor_suffix transfer_data"),
    Operation("payment_intent.increment_authorization", "POST", f"{_ONE}/increment_authorization",
              increment_authorization, "payment_intent_increment_authorization",
              "amount amount_details application_fee_amount description metadata payment_details "
              "statement_descriptor transfer_data"),
]
