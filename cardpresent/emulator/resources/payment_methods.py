"""PaymentMethods: what a card left behind at a reader, and cards to be charged again without one."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import Machine
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying import online_cards
from cardpresent.emulator.paying.cards import Card, Decline
from cardpresent.emulator.paying.issuer import CardFacts
from cardpresent.emulator.resources import customers
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_SAVING: Final = "https://docs.stripe.com/terminal/features/saving-cards/save-after-payment"
_TESTING: Final = "https://docs.stripe.com/testing"

declare(
    "payment_method.card_present", "documented", f"{API}/payment_methods/object",
    "Every presented card leaves a PaymentMethod of its type, single use, without a customer.",
)
declare(
    "payment_method.generated_card", "documented", f"{API}/payment_intents/create",
    "With setup_future_usage an approved card_present charge makes a generated card, attached to the customer if any.",
)
declare(
    "payment_method.generated_card_unasked", "assumed", _SAVING,
    "Without setup_future_usage generated_card is null, for every brand.",
)
declare(
    "payment_method.generated_from", "documented", f"{API}/payment_methods/object",
    "A generated card names the charge or the setup attempt it comes from, with the details of the presented card.",
)
declare(
    "payment_method.once", "documented", f"{API}/payment_methods/detach",
    "A detached PaymentMethod, or one used without a customer, can neither be paid with nor attached again.",
)
declare(
    "payment_method.card_present_attach", "documented", _SAVING,
    "card_present PaymentMethods cannot be attached to a customer; only the generated card can.",
)
declare(
    "payment_method.attached_already", "assumed", f"{API}/payment_methods/attach",
    "Attaching what is attached already, to whichever customer, answers 400.",
)
declare(
    "payment_method.attach_declined", "documented", _TESTING,
    "The declined test cards cannot be attached: 402 card_error with the card's own codes.",
)
declare(
    "payment_method.update_attached", "documented", f"{API}/payment_methods/update",
    "Only a PaymentMethod that is attached to a customer can be updated.",
)
declare(
    "payment_method.invalid_data", "documented", _TESTING,
    "A wrong check digit, month, year or CVC answers 402 incorrect_number, invalid_expiry_month, _year, invalid_cvc.",
)
declare(
    "payment_method.list_all", "assumed", f"{API}/payment_methods/list",
    "Without a customer the list holds the account's cards, attached or not; card_present ones are never listed.",
)

EXPIRY: Final = (12, 2034)
GENERATES_CARD: Final = frozenset({"visa", "mastercard", "amex", "discover"})
_ADDRESS_KEYS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
_NO_DETAILS: Final = {
    "address": dict.fromkeys(_ADDRESS_KEYS), "email": None, "name": None, "phone": None, "tax_id": None,
}
_YEARS_MAX: Final = 50
_YEAR_S: Final = 31_556_952


# -------------------------------------------------------------------------------------------------------------- fields


def make(account: "Account", card: Card, read_method: str) -> JsonObject:
    """The PaymentMethod of one presentation, kept and returned."""
    kind = "interac_present" if card.is_interac else "card_present"
    details: JsonObject = {
        "brand": card.brand, "cardholder_name": None, "country": card.country, "description": None,
        "exp_month": EXPIRY[0], "exp_year": EXPIRY[1], "fingerprint": fingerprint(card), "funding": card.funding,
        "issuer": None, "last4": card.last4,
        "networks": {"available": [card.network or card.brand], "preferred": None},
        "preferred_locales": ["en"], "read_method": read_method,
    }
    if kind == "card_present":
        details.update(brand_product=None, offline=None)
    return _keep(account, kind, details, card)


def make_card(account: "Account", card: Card, given: JsonObject, **fields: Any) -> JsonObject:
    """A `card` PaymentMethod of a test card, kept and returned. `given` may hold exp_month, exp_year and cvc."""
    expiry = (given.get("exp_month", EXPIRY[0]), given.get("exp_year", EXPIRY[1]))
    return _keep(account, "card", _card_details(card, expiry, cvc="cvc" in given), card, **fields)


def _card_details(card: Card, expiry: tuple[int, int], *, cvc: bool = False) -> JsonObject:
    effect = getattr(card, "effect", "")
    checks = {
        "address_line1_check": None, "address_postal_code_check": None,
        "cvc_check": None if not cvc else "fail" if effect == "cvc_check_fails" else "pass",
    }
    return {
        "brand": card.brand, "checks": checks, "country": card.country, "display_brand": card.brand,
        "exp_month": expiry[0], "exp_year": expiry[1], "fingerprint": fingerprint(card), "funding": card.funding,
        "generated_from": None, "last4": card.last4, "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
    }


def fingerprint(card: Card) -> str:
    """The same card, the same fingerprint."""
    return sha256(card.number.encode()).hexdigest()[:16]


def _keep(account: "Account", kind: str, details: JsonObject, card: Card, **fields: Any) -> JsonObject:
    made: JsonObject = {
        "id": account.ids.new("pm"), "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": _NO_DETAILS, kind: dict(sorted(details.items())), "created": account.clock.now(),
        "customer": None, "customer_account": None, "livemode": False, "metadata": {}, "type": kind, **fields,
    }
    account.cards[made["id"]] = CardFacts(card)
    return account.payment_methods.add(made["id"], made, made["created"], type=kind)


def _billing_details(given: JsonObject, before: JsonObject) -> JsonObject:
    details = dict(before)
    for name, value in given.items():
        if name == "address":
            lines = {} if value is UNSET else value
            kept = dict.fromkeys(_ADDRESS_KEYS) if value is UNSET else before["address"]
            details["address"] = {**kept, **{k: None if v is UNSET else v for k, v in lines.items()}}
        else:
            details[name] = None if value is UNSET else value
    return details


# --------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("payment_method", {
    ("new",      "attach"): "attached",
    ("new",      "spend"):  "spent",
    ("attached", "detach"): "spent",
})


def state(account: "Account", method: JsonObject) -> str:
    """new, attached (to a customer) or spent (used without one, or detached)."""
    if method["customer"] is not None:
        return "attached"
    return "spent" if method["id"] in account.spent_methods else "new"


def spend(account: "Account", method: JsonObject) -> None:
    """A new PaymentMethod was used without a customer: it cannot be used again."""
    MACHINE.next(method["id"], state(account, method), "spend")
    account.spent_methods.add(method["id"])


def attach(account: "Account", method: JsonObject, customer: str, cause: Cause) -> None:
    """The card is saved to the customer, who may pay with it again. Check with `attachable` before."""
    MACHINE.next(method["id"], state(account, method), "attach")
    method["customer"] = customer
    account.payment_methods.also(method["id"], customer=customer)
    account.emit("payment_method.attached", method, cause)


def release(account: "Account", method: JsonObject, cause: Cause) -> None:
    """The customer loses the card, for good."""
    MACHINE.next(method["id"], state(account, method), "detach")
    customer = method["customer"]
    method["customer"] = None
    account.spent_methods.add(method["id"])
    account.emit("payment_method.detached", method, cause, {"customer": customer})
    customers.forget_default(account, customer, method["id"], cause)


def save_generated(
    account: "Account", pi: JsonObject, charge: JsonObject, allow_redisplay: str | None, cause: Cause
) -> None:
    """Where the PaymentIntent asks for it, the approved charge gets its generated card, attached to the customer."""
    kind = charge["payment_method_details"]["type"]
    if pi["setup_future_usage"] is None or kind not in ("card_present", "interac_present"):
        return
    source = {"charge": charge["id"], "payment_method_details": None, "setup_attempt": None}
    details = charge["payment_method_details"][kind]
    card = account.cards[charge["id"]].card
    details["generated_card"] = generate(account, card, details, source, pi["customer"], allow_redisplay, cause)


def generate(
    account: "Account", card: Card, details: JsonObject | None, source: JsonObject, customer: str | None,
    allow_redisplay: str | None, cause: Cause,
) -> str | None:
    """The id of the reusable card behind a presented one, attached where there is a customer; None where none can be.

    `details` are those of the charge, None where nothing was charged; `source` is generated_from without them.
    """
    if card.brand not in GENERATES_CARD or card.is_interac:
        return None
    method = make_card(account, card, {}, allow_redisplay=allow_redisplay or "unspecified")
    shown = None if details is None else {"card_present": dict(details), "type": "card_present"}
    method["card"]["generated_from"] = {**source, "payment_method_details": shown}
    if customer is not None:
        attach(account, method, customer, cause)
    id: str = method["id"]
    return id


# ------------------------------------------------------------------------------------------------------ for other files


def find(account: "Account", id: str, param: str = "payment_method", *, in_url: bool = True) -> JsonObject:
    found = account.payment_methods.get(id)
    if found is None:
        if in_url and online_cards.named(id, "pm_card_") is not None:
            raise not_emulated(f"{id} stands for a new PaymentMethod each time; it cannot be read", status=404)
        raise missing("PaymentMethod", id, param, in_url=in_url)
    return found


def resolve(account: "Account", id: str, param: str = "payment_method") -> JsonObject:
    """The PaymentMethod a parameter names. A test name (pm_card_visa) becomes a new one: check all else before."""
    card = online_cards.named(id, "pm_card_")
    return find(account, id, param, in_url=False) if card is None else make_card(account, card, {})


def card_of(account: "Account", method: JsonObject) -> Card:
    """The card behind a PaymentMethod: an OnlineCard where it was not presented to a reader."""
    return account.cards[method["id"]].card


def check_usable(
    account: "Account", method: JsonObject, customer: str | None, param: str = "payment_method"
) -> None:
    """Raises unless this customer (or nobody in particular) can pay with it without a reader."""
    if method["type"] != "card":
        message = f"A {method['type']} PaymentMethod can only be paid with at the reader it was presented to."
        raise invalid(message, param=param, kept=True)
    if method["customer"] is None:
        _check_new(account, method)
    elif method["customer"] != customer:
        message = (
            f"The PaymentMethod {method['id']} belongs to a Customer. Please include that Customer in the `customer` "
            "parameter."
        )
        raise invalid(message, param=param, kept=True)


def attachable(account: "Account", id: str, *, in_url: bool) -> JsonObject:
    """The PaymentMethod, which may be attached to a customer. A test name becomes a new one: check all else before."""
    test_card = online_cards.named(id, "pm_card_")
    decline = test_card.decline if test_card is not None else None
    if test_card is not None and decline is None:
        return make_card(account, test_card, {})
    if decline is None:
        method = find(account, id, in_url=in_url)
        _check_attachable(account, method)
        decline = card_of(account, method).decline
        if decline is None:
            return method
    raise declined(decline)


def _check_attachable(account: "Account", method: JsonObject) -> None:
    if method["type"] != "card":
        message = f"PaymentMethods of type {method['type']} cannot be saved to customers; save the generated card."
        raise invalid(message, kept=True)
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.", kept=True)
    _check_new(account, method)


def _check_new(account: "Account", method: JsonObject) -> None:
    if state(account, method) == "spent":
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
        raise invalid(message, kept=True)


def declined(decline: Decline) -> StripeError:
    """402: the bank says no to a card before it is charged."""
    fields: JsonObject = {"code": decline.code, "message": decline.message, "type": "card_error"}
    if decline.decline_code is not None:
        fields["decline_code"] = decline.decline_code
    if decline.code == "expired_card":
        fields["param"] = "exp_month"
    if decline.code == "incorrect_cvc":
        fields["param"] = "cvc"
    return StripeError(402, fields)


# ---------------------------------------------------------------------------------------------------------- operations


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    if "type" not in params:
        raise absent("type")
    if params["type"] != "card":
        raise not_emulated(f'PaymentMethods of type "{params["type"]}" are not emulated', param="type")
    if "card" not in params:
        raise absent("card")
    card = _named_card(params["card"])
    return make_card(
        account, card, _checked(account, params["card"]), allow_redisplay=params.get("allow_redisplay", "unspecified"),
        billing_details=_billing_details(params.get("billing_details", {}), _NO_DETAILS),
        metadata=merged({}, params.get("metadata")),
    )


def _named_card(given: JsonObject) -> Card:
    """The test card meant by `card[number]` or `card[token]`."""
    if "networks" in given:
        raise not_emulated("a preferred network is not emulated", param="card[networks]")
    if "token" in given:
        card = online_cards.named(given["token"], "tok_")
        if card is None:
            raise missing("token", given["token"], "card[token]", in_url=False)
        return card
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise absent(f"card[{name}]")
    number = given["number"].replace(" ", "").replace("-", "")
    if not online_cards.is_well_formed(number):
        raise _bad_card("incorrect_number", "Your card number is incorrect.", "number")
    card = online_cards.BY_NUMBER.get(number)
    if card is None:
        raise not_emulated("only Stripe's own test card numbers are emulated", param="card[number]")
    return card


def _checked(account: "Account", given: JsonObject) -> JsonObject:
    """Card data that can be right; a year of two digits becomes one of four."""
    month, year, cvc = given.get("exp_month", EXPIRY[0]), given.get("exp_year", EXPIRY[1]), given.get("cvc", "000")
    this_year = int(account.clock.now() / _YEAR_S) + 1970
    year = year + 2000 if 0 <= year < 100 else year
    if not 1 <= month <= 12:
        raise _bad_card("invalid_expiry_month", "Your card's expiration month is invalid.", "exp_month")
    if not this_year <= year <= this_year + _YEARS_MAX:
        raise _bad_card("invalid_expiry_year", "Your card's expiration year is invalid.", "exp_year")
    if not cvc.isdigit() or len(cvc) not in (3, 4):
        raise _bad_card("invalid_cvc", "Your card's security code is invalid.", "cvc")
    return {**given, "exp_year": year} if "exp_year" in given else given


def _bad_card(code: str, message: str, param: str) -> StripeError:
    return StripeError(402, {"code": code, "message": message, "param": param, "type": "card_error"})


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    method, params, account = find(call.account, call.id), call.params, call.account
    if method["customer"] is None:
        message = "You must save this PaymentMethod to a customer before you can update it."
        raise invalid(message, kept=True)
    changes: JsonObject = {"metadata": merged(method["metadata"], params.get("metadata"))}
    if "allow_redisplay" in params:
        changes["allow_redisplay"] = params["allow_redisplay"]
    if "billing_details" in params:
        changes["billing_details"] = _billing_details(params["billing_details"], method["billing_details"])
    if "card" in params:
        if "networks" in params["card"]:
            raise not_emulated("a preferred network is not emulated", param="card[networks]")
        changes["card"] = {**method["card"], **_checked(account, params["card"])}
    customers.change(account, method, changes, "payment_method.updated", call.cause)
    return method


def attach_to_customer(call: Call) -> JsonObject:
    account, params = call.account, call.params
    if "customer" not in params:
        raise absent("customer")
    customer = customers.find(account, params["customer"], in_url=False)
    method = attachable(account, call.id, in_url=True)
    attach(account, method, customer["id"], call.cause)
    return method


def detach(call: Call) -> JsonObject:
    method = find(call.account, call.id)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message, kept=True)
    release(call.account, method, call.cause)
    return method


def list_all(call: Call) -> JsonObject:
    wanted = call.params.get("customer")
    if wanted is not None:
        return page_of_customer(call, customers.find(call.account, wanted, in_url=False), "/v1/payment_methods")
    redisplay = call.params.get("allow_redisplay")
    keep = None if redisplay is None else (lambda method: method["allow_redisplay"] == redisplay)
    kind = ("type", call.params.get("type", "card"))
    return page_of(call, call.account.payment_methods, "/v1/payment_methods", kind, keep, "PaymentMethod")


def page_of_customer(call: Call, customer: JsonObject, url: str) -> JsonObject:
    """One page of what is attached to the customer now."""
    kind, redisplay = call.params.get("type"), call.params.get("allow_redisplay")

    def keep(method: JsonObject) -> bool:
        return (
            method["customer"] == customer["id"] and kind in (None, method["type"])
            and redisplay in (None, method["allow_redisplay"])
        )

    key = ("customer", customer["id"])
    return page_of(call, call.account.payment_methods, url, key, keep, "PaymentMethod")


def list_of_customer(call: Call) -> JsonObject:
    customer = customers.find(call.account, call.id)
    return page_of_customer(call, customer, f"/v1/customers/{customer['id']}/payment_methods")


def retrieve_of_customer(call: Call) -> JsonObject:
    customer, method = customers.find(call.account, call.ids[0]), call.account.payment_methods.get(call.ids[1])
    if method is None or method["customer"] != customer["id"]:
        raise missing("PaymentMethod", call.ids[1], "payment_method")
    return method


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/payment_methods"
_ONE: Final = "/v1/payment_methods/{payment_method}"
_OF_CUSTOMER: Final = "/v1/customers/{customer}/payment_methods"
_LISTS: Final = "allow_redisplay ending_before limit starting_after type"
OPERATIONS: Final = [
    Operation("payment_method.create", "POST", _ALL, create, "payment_method_create",
              "allow_redisplay billing_details card metadata type"),
    Operation("payment_method.retrieve", "GET", _ONE, retrieve, "payment_method_retrieve"),
    Operation("payment_method.update", "POST", _ONE, update, "payment_method_update",
              "allow_redisplay billing_details card metadata"),
    Operation("payment_method.list", "GET", _ALL, list_all, "payment_method_list", f"customer {_LISTS}"),
    Operation("payment_method.attach", "POST", f"{_ONE}/attach", attach_to_customer, "payment_method_attach",
              "customer"),
    Operation("payment_method.detach", "POST", f"{_ONE}/detach", detach, "payment_method_detach"),
    Operation("customer.payment_methods", "GET", _OF_CUSTOMER, list_of_customer, "customer_payment_method_list"),
    Operation("customer.payment_method", "GET", f"{_OF_CUSTOMER}/{{payment_method}}", retrieve_of_customer,
              "customer_payment_method_retrieve"),
]
