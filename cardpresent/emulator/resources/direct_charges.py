"""Charges made and captured by themselves, without a PaymentIntent: the API of old, for online cards."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import BY_ITSELF, Call, Operation
from cardpresent.emulator.paying import amounts, connect, online_cards, online_issuer, statement_descriptors
from cardpresent.emulator.resources import charges, customers, disputes, payment_intents, payment_methods
from cardpresent.emulator.resources.payment_intent_params import check_shared, shipping
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "charge.create", "documented", f"{API}/charges/create",
    "A charge takes amount, currency and a test card's token (tok_visa), captured at once or held for 7 days.",
)
declare(
    "charge.create_source", "assumed", f"{API}/charges/create",
    "A customer without a card answers 402 missing; cards stored as sources do not exist here.",
)
declare(
    "charge.create_declined", "documented", "https://docs.stripe.com/declines",
    "A declined charge answers 402 card_error with the charge's id, and stays as a failed charge.",
)
declare(
    "charge.capture", "documented", f"{API}/charges/capture",
    "A held charge is captured once, wholly or in part: charge_already_captured, charge_expired_for_capture.",
)
declare(
    "charge.capture_of_payment", "assumed", f"{API}/charges/capture",
    "The charge of a PaymentIntent is captured through it; this call answers charge_invalid_parameter.",
)


# -------------------------------------------------------------------------------------------------------------- fields


def _order(call: Call) -> JsonObject:
    """What a PaymentIntent would say, as far as a charge repeats it. Raises before anything is kept."""
    params, account = call.params, call.account
    for name in ("amount", "currency"):
        if name not in params:
            raise absent(name)
    currency = amounts.check_currency(params["currency"])
    amounts.check_amount(params["amount"], currency)
    check_shared(account, params, ["card"])
    texts = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
             "customer")
    return {
        "id": None, "amount": params["amount"], "currency": currency, "metadata": merged({}, params.get("metadata")),
        "payment_method_options": None, "shipping": shipping(params.get("shipping")),
        **{name: params.get(name) for name in texts}, **connect.terms(account, {}, params),
    }


def _source(charge: JsonObject, method: JsonObject) -> JsonObject:
    """The card object that older integrations read, beside payment_method_details."""
    card = method["card"]
    address = method["billing_details"]["address"]
    return {
        "id": charge["payment_method"], "object": "card", "address_city": address["city"],
        "address_country": address["country"], "address_line1": address["line1"], "address_line1_check": None,
        "address_line2": address["line2"], "address_state": address["state"], "address_zip": address["postal_code"],
        "address_zip_check": None, "allow_redisplay": "unspecified", "brand": _BRANDS.get(card["brand"], "Unknown"),
        "country": card["country"], "customer": None, "cvc_check": card["checks"]["cvc_check"],
        "dynamic_last4": None, "exp_month": card["exp_month"], "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"], "funding": card["funding"], "last4": card["last4"], "metadata": {},
        "name": method["billing_details"]["name"], "regulated_status": "unregulated", "tokenization_method": None,
        "wallet": None,
    }


_BRANDS: Final = {
    "visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover",
    "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay",
}


# --------------------------------------------------------------------------------------------------------- transitions


def _expire(account: "Account", charge: JsonObject) -> None:
    if not charge["captured"] and not charge["refunded"]:
        charges.release(account, charge, "charge.expired", BY_ITSELF)


# ---------------------------------------------------------------------------------------------------------- operations


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    order = _order(call)
    card = _named(account, params)
    method = payment_methods.make_card(account, card, {})
    answer = online_issuer.ask(account, card, saved=False, off_session=True, wants_3ds=False)
    held = answer.decline is None and not params.get("capture", True)
    charge = charges.make_online(account, order, card, method, answer, held=held)
    connect.name_sellers(account, order)
    charge["source"] = _source(charge, method)
    payment_methods.spend(account, method)
    if answer.decline is not None:
        account.emit("charge.failed", charge, call.cause)
        error = payment_intents.card_error({}, charge, answer.decline, method)
        del error["payment_method"]
        raise StripeError(402, error)
    if held:
        due = charges.details_of(charge)["capture_before"]
        account.clock.at(due, lambda: _expire(account, charge))
    else:
        charges.capture(account, order, charge, charge["amount"], call.cause)
    account.emit("charge.succeeded", charge, call.cause)
    if not held:
        disputes.arrive_later(account, charge)
    return charge


def _named(account: "Account", params: JsonObject) -> online_cards.OnlineCard:
    source = params.get("source")
    if source is None:
        if "customer" not in params:
            raise invalid("Must provide source or customer.", code="parameter_missing")
        message = "Cannot charge a customer that has no active card"
        raise StripeError(402, {"code": "missing", "message": message, "param": "card", "type": "card_error"})
    if "customer" in params:
        customers.find(account, params["customer"], in_url=False)
        raise not_emulated("a customer's stored sources are not emulated; use a PaymentIntent", param="customer")
    card = online_cards.named(source, "tok_")
    if card is None:
        raise missing("token", source, "source", in_url=False)
    if online_issuer.effect_of(card) == "early_fraud_warning":
        raise not_emulated("early fraud warnings are not emulated", param="source")
    return card


def capture(call: Call) -> JsonObject:
    account, params = call.account, call.params
    charge = charges.find(account, call.id, "charge")
    _check_capturable(charge)
    amount: int = params["amount"] if "amount" in params else charge["amount"]
    amounts.check_positive(amount, "amount")
    if amount > charge["amount"]:
        raise amounts.too_large("You cannot capture more than the amount of the charge.", param="amount")
    check_shared(account, params, ["card"])
    new: JsonObject = {**charge, **_texts(params)}
    terms = connect.terms(account, charge, params)
    order = {**new, **terms, "id": None}
    charge.update(_texts(params))
    charge.update(connect.on_charge(order))
    charge["calculated_statement_descriptor"] = statement_descriptors.calculated(
        charge["statement_descriptor"], charge["statement_descriptor_suffix"]
    )
    charges.capture(account, order, charge, amount, call.cause)
    account.emit("charge.captured", charge, call.cause)
    disputes.arrive_later(account, charge)
    return charge


def _texts(params: JsonObject) -> dict[str, Any]:
    names = ("receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
    return {name: None if params[name] is UNSET else params[name] for name in names if name in params}


def _check_capturable(charge: JsonObject) -> None:
    id = charge["id"]
    if charge["payment_intent"] is not None:
        message = f"Charge {id} belongs to a PaymentIntent; capture {charge['payment_intent']} instead."
        raise invalid(message, code="charge_invalid_parameter", param="charge", kept=True)
    if not charge["paid"]:
        message = f"Charge {id} was declined; there is nothing to capture."
        raise invalid(message, code="charge_invalid_parameter", kept=True)
    if charge["captured"]:
        raise invalid(f"Charge {id} has already been captured.", code="charge_already_captured", kept=True)
    if charge["refunded"]:
        message = f"Charge {id} can no longer be captured: its authorization has lapsed or was released."
        raise invalid(message, code="charge_expired_for_capture", kept=True)


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("charge.create", "POST", "/v1/charges", create, "charge_create",
              "amount application_fee_amount capture currency customer description metadata on_behalf_of "
              "receipt_email shipping source statement_descriptor statement_descriptor_suffix transfer_data "
              "transfer_group"),
    Operation("charge.capture", "POST", "/v1/charges/{charge}/capture", capture, "charge_capture",
              "amount application_fee_amount receipt_email statement_descriptor statement_descriptor_suffix "
              "transfer_data transfer_group"),
]
