"""Charges: one for each attempt to authorize, by a reader, by a confirmation, or by a direct call."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying import charge_details, connect, statement_descriptors
from cardpresent.emulator.paying.cards import Card, Decline
from cardpresent.emulator.paying.issuer import Attempt, CardFacts
from cardpresent.emulator.paying.online_issuer import Answer
from cardpresent.emulator.resources import balance_transactions, customers
from cardpresent.emulator.resources.payment_intent_params import check_shared, shipping
from cardpresent.emulator.wire.answers import LISTS, page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET
from cardpresent.emulator.wire.versions import as_of, before

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "charge.release", "documented", f"{API}/payment_intents/cancel",
    "Cancelling an authorization refunds what was capturable: the charge reads refunded, charge.refunded fires.",
)
declare(
    "charge.partial_capture", "assumed", f"{API}/payment_intents/capture",
    "What a partial capture leaves behind is counted in the charge's amount_refunded; no Refund object is made.",
)
declare(
    "charge.update", "documented", f"{API}/charges/update",
    "customer (once), description, fraud_details, metadata, receipt_email, shipping and transfer_group may change.",
)
declare(
    "charge.refunds", "documented", "https://docs.stripe.com/upgrades#2022-11-15",
    "Since 2022-11-15 a charge holds its refunds only where they are expanded; before, always.",
)

declare(
    "charge.booked_later", "documented", "https://docs.stripe.com/payments/payment-intents/asynchronous-capture",
    "Under automatic_async balance_transaction, transfer and application_fee may be null at first, as an account is "
    "set; charge.updated tells.",
)
declare("charge.booked_after", "assumed", "", "They follow at once, after the answer; before a refund at the latest.")

_NO_BILLING: Final = {
    "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    "email": None, "name": None, "phone": None, "tax_id": None,
}


# -------------------------------------------------------------------------------------------------------------- fields


def make(
    account: "Account", pi: JsonObject, card: Card, attempt: Attempt, amount: int, reader: JsonObject,
    payment_method: str,
) -> JsonObject:
    """The charge of one presentation, approved or not, kept and returned. `amount` includes a tip from the reader."""
    return _make(
        account, pi, card, amount, attempt.decline, billing_details=_NO_BILLING,
        outcome=charge_details.outcome(attempt), payment_method=payment_method,
        payment_method_details=charge_details.presented(account, pi, card, attempt, amount, reader),
    )


def make_online(
    account: "Account", pi: JsonObject, card: Card, method: JsonObject, answer: Answer, *, held: bool
) -> JsonObject:
    """The charge of one attempt without a reader. `pi` may be a direct charge's order: a PaymentIntent without id."""
    options = (pi["payment_method_options"] or {}).get("card", {})
    details = charge_details.online(account, options, card, method["card"], answer, pi["amount"], held=held)
    return _make(
        account, pi, card, pi["amount"], answer.decline, billing_details=method["billing_details"],
        outcome=charge_details.online_outcome(answer), payment_method=method["id"], payment_method_details=details,
    )


def _make(
    account: "Account", pi: JsonObject, card: Card, amount: int, decline: Decline | None, **facts: Any
) -> JsonObject:
    approved = decline is None
    whole, suffix = pi["statement_descriptor"], pi["statement_descriptor_suffix"]
    charge: JsonObject = {
        "id": account.ids.new("ch"), "object": "charge", "amount": amount, "amount_captured": 0, "amount_refunded": 0,
        **connect.on_charge(pi), "application_fee": None, "balance_transaction": None,
        "calculated_statement_descriptor": statement_descriptors.calculated(whole, suffix), "captured": False,
        "created": account.clock.now(), "currency": pi["currency"], "customer": pi["customer"],
        "description": pi["description"], "dispute": None, "disputed": False, "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None, "failure_message": decline.message if decline else None,
        "fraud_details": {}, "livemode": False, "metadata": pi["metadata"], "order": None, "paid": approved,
        "payment_intent": pi["id"], "radar_options": {}, "receipt_email": pi["receipt_email"], "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{account.ids.letters(40)}" if approved else None,
        "refunded": False, "review": None, "shipping": pi["shipping"], "source": None, "source_transfer": None,
        "statement_descriptor": whole, "statement_descriptor_suffix": suffix,
        "status": "succeeded" if approved else "failed", "transfer_group": pi["transfer_group"], **facts,
    }
    account.cards[charge["id"]] = CardFacts(card)
    return account.charges.add(
        charge["id"], charge, charge["created"], payment_intent=pi["id"], customer=pi["customer"],
        transfer_group=pi["transfer_group"],
    )


def details_of(charge: JsonObject) -> JsonObject:
    """The charge's payment_method_details, without their type."""
    details: JsonObject = charge["payment_method_details"]
    found: JsonObject = details[details["type"]]
    return found


@before("2025-03-31", "charge")
def _with_invoice(charge: JsonObject, account: "Account") -> JsonObject:
    return {**charge, "invoice": None}


# --------------------------------------------------------------------------------------------------------- transitions


def capture(
    account: "Account", pi: JsonObject, charge: JsonObject, amount: int, cause: Cause, *, final: bool = True,
    later: bool = False,
) -> None:
    """Held funds are taken. The last capture releases what is left; more than held (a tip) raises the charge to it.

    `later`: Stripe's own books follow in the background.
    """
    taken = charge["amount_captured"] + amount
    charge["amount"] = max(charge["amount"], taken)
    charge["captured"] = True
    charge["amount_captured"] = taken
    if final:
        charge["amount_refunded"] = charge["amount"] - taken
    if later:
        account.unbooked[charge["id"]] = pi
        account.clock.at(account.clock.now(), lambda: book(account, charge, BY_ITSELF))
    else:
        _book(account, pi, charge, amount, final, cause)


def book(account: "Account", charge: JsonObject, cause: Cause) -> None:
    """Ends a capture in the background, if that has not happened yet: the charge gets what it lacked."""
    pi = account.unbooked.pop(charge["id"], None)
    if pi is None:
        return
    names = ("balance_transaction", "transfer", "application_fee", "transfer_group")
    before = {name: charge.get(name) for name in names}
    _book(account, pi, charge, charge["amount_captured"], True, cause)
    changed = {name: value for name, value in before.items() if value != charge.get(name)}
    account.emit("charge.updated", charge, cause, changed)


def _book(account: "Account", pi: JsonObject, charge: JsonObject, amount: int, final: bool, cause: Cause) -> None:
    charge["balance_transaction"] = balance_transactions.of_charge(account, charge, amount)
    if not final:
        return
    connect.settled(account, pi, charge, cause)
    if charge["transfer_group"] is not None:
        account.charges.also(charge["id"], transfer_group=charge["transfer_group"])


def release(account: "Account", charge: JsonObject, event: str, cause: Cause) -> None:
    """The hold is let go (`charge.refunded` when cancelled, `charge.expired` when it lapsed)."""
    charge["amount_refunded"] = charge["amount"]
    charge["refunded"] = True
    previous = {"amount_refunded": 0, "refunded": False} if event == "charge.refunded" else None
    account.emit(event, charge, cause, previous)


def release_rest(account: "Account", charge: JsonObject, cause: Cause) -> None:
    """What no capture took of a hold is let go."""
    charge["amount_refunded"] = charge["amount"] - charge["amount_captured"]
    account.emit("charge.updated", charge, cause, {"amount_refunded": 0})


def refunded(account: "Account", charge: JsonObject, amount: int, cause: Cause) -> None:
    """`amount` went back to the customer (negative: a refund failed and its money came back)."""
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    if amount > 0:
        account.emit("charge.refunded", charge, cause, previous)


def refundable(charge: JsonObject) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    return left


@before("2022-11-15", "charge")
def _with_refunds(charge: JsonObject, account: "Account") -> JsonObject:
    refunds = refunds_of(charge, account)
    return {**charge, "refunds": {**refunds, "data": [as_of(row, "2022-08-01", account) for row in refunds["data"]]}}


def refunds_of(charge: JsonObject, account: "Account") -> JsonObject:
    """The list of this charge's refunds, newest first, as older versions embed it."""
    rows = account.refunds.by(charge=charge["id"])[::-1]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": rows[:10], "has_more": len(rows) > 10, "url": url}


LISTS["charge", "refunds"] = refunds_of


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "id", *, in_url: bool = True) -> JsonObject:
    found = account.charges.get(id)
    if found is None:
        raise missing("charge", id, param, in_url=in_url)
    return found


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    account, params, charge = call.account, call.params, find(call.account, call.id)
    new: JsonObject = {"metadata": merged(charge["metadata"], params.get("metadata"))}
    check_shared(account, params, [])
    for name in ("description", "receipt_email", "transfer_group", "customer"):
        if name in params:
            new[name] = None if params[name] is UNSET else params[name]
    if charge["customer"] is not None and new.get("customer", charge["customer"]) != charge["customer"]:
        raise invalid("This charge belongs to a customer already.", code="charge_invalid_parameter", param="customer")
    if charge["transfer_group"] is not None and new.get("transfer_group") not in (None, charge["transfer_group"]):
        message = "transfer_group can only be set where it is not set yet."
        raise invalid(message, code="charge_invalid_parameter", param="transfer_group")
    if "shipping" in params:
        new["shipping"] = shipping(params["shipping"])
    if "fraud_details" in params:
        new["fraud_details"] = {k: v for k, v in params["fraud_details"].items() if v is not UNSET}
    for name in ("customer", "transfer_group"):
        if new.get(name) is not None:
            account.charges.also(charge["id"], **{name: new[name]})
    customers.change(account, charge, new, "charge.updated", call.cause)
    return charge


def list_all(call: Call) -> JsonObject:
    wanted = {name: call.params[name] for name in ("payment_intent", "customer", "transfer_group")
              if name in call.params}
    key = next(iter(wanted.items()), None)

    def keep(charge: JsonObject) -> bool:
        return all(charge[name] == value for name, value in wanted.items())

    return page_of(call, call.account.charges, "/v1/charges", key, keep if wanted else None, "charge")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("charge.list", "GET", "/v1/charges", list_all, "charge_list"),
    Operation("charge.retrieve", "GET", "/v1/charges/{charge}", retrieve, "charge_retrieve"),
    Operation("charge.update", "POST", "/v1/charges/{charge}", update, "charge_update"),
]
