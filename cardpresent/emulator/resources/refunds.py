"""Refunds: captured funds on their way back to the card."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, TESTING, declare
from cardpresent.emulator.machine import Machine
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying import amounts, connect
from cardpresent.emulator.paying.online_issuer import effect_of
from cardpresent.emulator.resources import balance_transactions, charges, disputes, payment_intents
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.versions import before

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE = "https://docs.stripe.com/terminal/features/refunds"

declare("refund.online", "documented", _GUIDE, "A captured card payment is refunded in parts or whole, card absent.")
declare(
    "refund.already_refunded", "observed", "https://github.com/vm0-ai/vm0/issues/32132",
    "Refunding what is wholly refunded answers 400 charge_already_refunded.",
)
declare("refund.too_much", "assumed", f"{API}/refunds/create", "More than is left answers 400 with param amount.")
declare("refund.uncaptured", "assumed", "", "Refunding an uncaptured charge answers 400 charge_not_refundable.")
declare(
    "refund.in_parts", "assumed", "", "Between two captures of a hold nothing is refunded: charge_not_refundable.",
)
declare("refund.interac", "documented", _GUIDE, "Interac payments cannot be refunded by this call.")
declare("refund.interac_code", "assumed", "", "The refusal of an Interac refund carries charge_not_refundable.")
declare("refund.fails_later", "documented", TESTING, "The refund of 5126 fails afterwards, refund.failed fires.")
declare("refund.fails_after", "assumed", "", "That failure comes 30 minutes of account time after the refund.")
declare(
    "refund.pending", "documented", "https://docs.stripe.com/testing",
    "The refund of the online card 7726 is pending at first and succeeds some time later, with refund.updated.",
)
declare("refund.pending_for", "assumed", "", "It is pending for 30 minutes of account time, pending_reason processing.")
declare(
    "refund.cancel", "documented", f"{API}/refunds/cancel",
    "Only a refund that requires_action can be canceled, and refunds to cards never do: cancel answers 400.",
)
declare("refund.failed_money", "assumed", "", "A failed refund lowers the charge's amount_refunded again.")

FAILS_AFTER_S: Final = 1800
PENDING_FOR_S: Final = 1800


# -------------------------------------------------------------------------------------------------------------- fields


def _new(account: "Account", charge: JsonObject, amount: int, params: JsonObject) -> JsonObject:
    return {
        "id": account.ids.new("re"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"], "created": account.clock.now(), "currency": charge["currency"],
        "customer": charge["customer"], "customer_account": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": merged({}, params.get("metadata")), "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"], "reason": params.get("reason"), "receipt_number": None,
        "source_transfer_reversal": None, "status": "new", "transfer_reversal": None,
    }


@before("2026-09-30", "refund")
def _without_customer(refund: JsonObject, account: "Account") -> JsonObject:
    return {k: v for k, v in refund.items() if k not in ("customer", "customer_account", "payment_method")}


# --------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("refund", {
    ("new",       "pay_back"): "succeeded",
    ("new",       "wait"):     "pending",
    ("pending",   "pay_back"): "succeeded",
    ("succeeded", "fail"):     "failed",
})


def _pay_back(account: "Account", refund: JsonObject) -> None:
    """A refund that was pending has arrived."""
    refund["status"] = MACHINE.next(refund["id"], refund["status"], "pay_back")
    del refund["pending_reason"]
    details = refund["destination_details"]
    refund["destination_details"] = {**details, "card": {**details["card"], "type": "refund"}}
    for event in ("refund.updated", "charge.refund.updated"):
        account.emit(event, refund, BY_ITSELF, {"status": "pending"})


def _fail(account: "Account", refund: JsonObject, charge: JsonObject) -> None:
    refund["status"] = MACHINE.next(refund["id"], refund["status"], "fail")
    refund["failure_reason"] = "expired_or_canceled_card"
    refund["failure_balance_transaction"] = balance_transactions.of_failed_refund(account, refund, charge)
    charges.refunded(account, charge, -refund["amount"], BY_ITSELF)
    previous = {"status": "succeeded"}
    account.emit("refund.updated", refund, BY_ITSELF, previous)
    account.emit("charge.refund.updated", refund, BY_ITSELF, previous)
    account.emit("refund.failed", refund, BY_ITSELF, previous)


# ---------------------------------------------------------------------------------------------------------- operations


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    charge = charge_of(account, params)
    amount = params.get("amount", charges.refundable(charge))
    check_amount(charge, amount)
    pi = account.payment_intents.get(charge["payment_intent"] or "")
    if pi is not None and pi["status"] == "requires_capture":
        message = f"Charge {charge['id']} is still captured in parts; it can be refunded once the last one is taken."
        raise invalid(message, code="charge_not_refundable", kept=True)
    charges.book(account, charge, call.cause)
    connect.check_refund(account, charge, params)
    if charge["payment_method_details"]["type"] == "interac_present":
        message = (
            f"Charge {charge['id']} is an interac_present payment: it can only be refunded on a reader, with the card."
        )
        raise invalid(message, code="charge_not_refundable", kept=True)
    return issue(account, charge, amount, params, call.cause)


def issue(account: "Account", charge: JsonObject, amount: int, params: JsonObject, cause: Cause) -> JsonObject:
    """The refund, paid back at once. Check with `check_amount` before."""
    refund = _new(account, charge, amount, params)
    charges.book(account, charge, cause)
    waits = effect_of(account.cards[charge["id"]].card) == "refund_pending"
    refund["status"] = MACHINE.next(refund["id"], refund["status"], "wait" if waits else "pay_back")
    if waits:
        refund["pending_reason"] = "processing"
        refund["destination_details"]["card"]["type"] = "pending"
    refund["balance_transaction"] = balance_transactions.of_refund(account, refund, charge)
    account.refunds.add(
        refund["id"], refund, refund["created"], charge=charge["id"], payment_intent=charge["payment_intent"]
    )
    charges.refunded(account, charge, amount, cause)
    connect.refunded(account, charge, refund, params, cause)
    account.emit("refund.created", refund, cause)
    disputes.refunded(account, charge, cause)
    if waits:
        account.clock.at(refund["created"] + PENDING_FOR_S, lambda: _pay_back(account, refund))
    elif account.cards[charge["id"]].card.refund_fails:
        account.clock.at(refund["created"] + FAILS_AFTER_S, lambda: _fail(account, refund, charge))
    return refund


def charge_of(account: "Account", params: JsonObject) -> JsonObject:
    """The charge that `charge` or `payment_intent` names."""
    if "charge" not in params and "payment_intent" not in params:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message)
    if "charge" in params:
        charge = account.charges.get(params["charge"])
        if charge is None:
            raise missing("charge", params["charge"], "charge", in_url=False)
        if params.get("payment_intent", charge["payment_intent"]) != charge["payment_intent"]:
            raise invalid("The charge does not belong to this PaymentIntent.", param="payment_intent")
        return charge
    pi = payment_intents.find(account, params["payment_intent"], "payment_intent", in_url=False)
    latest = account.charges.get(pi["latest_charge"] or "")
    if latest is None or not latest["paid"]:
        raise invalid(f"This PaymentIntent ({pi['id']}) does not have a successful charge to refund.", kept=True)
    return latest


def check_amount(charge: JsonObject, amount: int) -> None:
    """Raises unless this much of the charge can still be refunded."""
    id, left, currency = charge["id"], charges.refundable(charge), charge["currency"]
    if charge["disputed"]:
        raise invalid(f"Charge {id} has been charged back; cannot issue a refund.", code="charge_disputed", kept=True)
    if charge["captured"] and left == 0:
        raise invalid(f"Charge {id} has already been refunded.", code="charge_already_refunded", kept=True)
    if not charge["captured"]:
        message = f"Charge {id} was not captured, so there is nothing to refund; cancel its PaymentIntent instead."
        raise invalid(message, code="charge_not_refundable", kept=True)
    if amount < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = (
            f"Refund amount ({amounts.written(amount, currency)}) is greater than unrefunded amount on charge "
            f"({amounts.written(left, currency)})"
        )
        raise invalid(message, param="amount", kept=True)


def find(account: "Account", id: str, charge: str | None = None) -> JsonObject:
    """The refund; with `charge` only if it is that charge's."""
    found = account.refunds.get(id)
    if found is None or charge not in (None, found["charge"]):
        raise missing("refund", id, "id" if charge is None else "refund")
    return found


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    return _update(call, find(call.account, call.id))


def _update(call: Call, refund: JsonObject) -> JsonObject:
    metadata = merged(refund["metadata"], call.params.get("metadata"))
    if metadata == refund["metadata"]:
        return refund
    previous = {"metadata": refund["metadata"]}
    refund["metadata"] = metadata
    for event in ("refund.updated", "charge.refund.updated"):
        call.account.emit(event, refund, call.cause, previous)
    return refund


def cancel(call: Call) -> JsonObject:
    refund = find(call.account, call.id)
    message = f"You can only cancel a refund that requires action; this one has a status of {refund['status']}."
    raise invalid(message, kept=True)


def list_all(call: Call) -> JsonObject:
    wanted = {name: call.params[name] for name in ("charge", "payment_intent") if name in call.params}
    key = next(iter(wanted.items()), None)

    def keep(refund: JsonObject) -> bool:
        return all(refund[name] == value for name, value in wanted.items())

    return page_of(call, call.account.refunds, "/v1/refunds", key, keep if len(wanted) > 1 else None, "refund")


# ------------------------------------------------------------------------------------------------- below their charge


def refund_charge(call: Call) -> JsonObject:
    """POST /v1/charges/{charge}/refund answers the charge, for it is older than refunds."""
    charge = charges.find(call.account, call.id, "charge")
    create_below(call)
    return charge


def create_below(call: Call) -> JsonObject:
    charge = charges.find(call.account, call.id, "charge")
    call.params = {**call.params, "charge": charge["id"]}
    return create(call)


def list_below(call: Call) -> JsonObject:
    charge = charges.find(call.account, call.id, "charge")
    url = f"/v1/charges/{charge['id']}/refunds"
    return page_of(call, call.account.refunds, url, ("charge", charge["id"]), noun="refund")


def retrieve_below(call: Call) -> JsonObject:
    return find(call.account, call.ids[1], charges.find(call.account, call.id, "charge")["id"])


def update_below(call: Call) -> JsonObject:
    return _update(call, retrieve_below(call))


# -------------------------------------------------------------------------------------------------------------- routes

_BELOW: Final = "/v1/charges/{charge}/refunds"
_TAKES: Final = "amount metadata payment_intent reason refund_application_fee reverse_transfer"
OPERATIONS: Final = [
    Operation("refund.create", "POST", "/v1/refunds", create, "refund_create", f"charge {_TAKES}"),
    Operation("refund.list", "GET", "/v1/refunds", list_all, "refund_list"),
    Operation("refund.retrieve", "GET", "/v1/refunds/{refund}", retrieve, "refund_retrieve"),
    Operation("refund.update", "POST", "/v1/refunds/{refund}", update, "refund_update"),
    Operation("refund.cancel", "POST", "/v1/refunds/{refund}/cancel", cancel, "refund_cancel"),
    Operation("charge.refund", "POST", "/v1/charges/{charge}/refund", refund_charge, "refund_create", _TAKES),
    Operation("charge.refunds.create", "POST", _BELOW, create_below, "refund_create", _TAKES),
    Operation("charge.refunds.list", "GET", _BELOW, list_below, "charge_list_refunds"),
    Operation("charge.refunds.retrieve", "GET", f"{_BELOW}/{{refund}}", retrieve_below, "charge_retrieve_refund"),
    Operation("charge.refunds.update", "POST", f"{_BELOW}/{{refund}}", update_below, "refund_update"),
]
