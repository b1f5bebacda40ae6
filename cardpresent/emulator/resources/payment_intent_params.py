"""The parameters of a PaymentIntent: what each must be, and how Stripe shows it again."""

import re
from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call
from cardpresent.emulator.paying import amounts, connect, statement_descriptors
from cardpresent.emulator.resources import customers, line_items
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, empty, unknown

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_CREATE: Final = f"{API}/payment_intents/create"

declare(
    "payment_intent.default_capture_method", "observed", "https://github.com/stripe/stripe-android/issues/12912",
    "Without capture_method an online PaymentIntent is automatic_async.",
)
declare(
    "payment_intent.default_capture_in_person", "assumed", "https://docs.stripe.com/upgrades#2024-04-10",
    "So is one for card_present; before 2024-04-10 both are automatic.",
)
declare(
    "payment_intent.automatic_methods", "documented", "https://docs.stripe.com/upgrades#2023-08-16",
    "Without payment_method_types a PaymentIntent has automatic_payment_methods, since 2023-08-16.",
)
declare(
    "payment_intent.automatic_card", "assumed", _CREATE,
    "Automatic payment methods are card alone here, online, and no reader will process such a PaymentIntent.",
)
declare(
    "payment_intent.types_once", "assumed", _CREATE,
    "payment_method_types, allowed_payment_method_types and automatic_payment_methods exclude each other.",
)
declare(
    "payment_intent.allowed_types", "documented", "https://docs.stripe.com/changelog/endive",
    "allowed_payment_method_types exists since 2026-09-30.endive; older versions call it unknown.",
)
declare(
    "payment_intent.routing", "observed", "https://github.com/stripe/stripe-terminal-android/issues/490",
    "payment_method_options[card_present][routing] is unknown on accounts without domestic networks.",
)
declare(
    "payment_intent.receipt_email", "documented", "https://docs.stripe.com/error-codes",
    "A receipt_email that is no address answers email_invalid.",
)

TYPES: Final = ("card", "card_present", "interac_present")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_TEXTS: Final = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix",
                 "transfer_group")
_PLAIN: Final = (*_TEXTS, "capture_method", "setup_future_usage", "customer")
_CARD_OPTIONS: Final = frozenset({
    "capture_method", "network", "request_extended_authorization", "request_incremental_authorization",
    "request_multicapture", "request_overcapture", "request_three_d_secure", "require_cvc_recollection",
    "setup_future_usage",
})
_ADDRESS_KEYS: Final = ("city", "country", "line1", "line2", "postal_code", "state")


# every key as it is before anything was said, in the order Stripe shows them
_BLANK: Final[JsonObject] = {
    "id": "", "object": "payment_intent", "allowed_payment_method_types": None, "amount": 0, "amount_capturable": 0,
    "amount_details": None, "amount_received": 0, "application": None, "application_fee_amount": None,
    "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
    "capture_method": "automatic_async", "client_secret": "", "confirmation_method": "automatic", "created": 0,
    "currency": "", "customer": None, "customer_account": None, "description": None,
    "excluded_payment_method_types": None, "last_payment_error": None, "latest_charge": None, "livemode": False,
    "managed_payments": None, "metadata": None, "next_action": None, "on_behalf_of": None, "payment_method": None,
    "payment_method_configuration_details": None, "payment_method_options": None, "payment_method_types": None,
    "payment_record": None, "processing": None, "receipt_email": None, "review": None, "setup_future_usage": None,
    "shipping": None, "source": None, "statement_descriptor": None, "statement_descriptor_suffix": None,
    "status": "requires_payment_method", "transfer_data": None, "transfer_group": None,
}
# parameters of a create that are kept as they came
_STORED: Final = frozenset({
    "allowed_payment_method_types", "capture_method", "confirmation_method", "customer", "description",
    "excluded_payment_method_types", "receipt_email", "setup_future_usage", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_group",
})


# ------------------------------------------------------------------------------------------------------------ a new one


def new(call: Call) -> tuple[JsonObject, list[JsonObject] | None]:
    """A PaymentIntent as create's parameters say, still without a name, and its line items. Nothing is kept yet."""
    params, account, version = call.params, call.account, call.version[:10]
    currency, amount = amounts.check_currency(params["currency"]), params["amount"]
    amounts.check_amount(amount, currency)
    types, automatic = _types_of_new(params, version)
    shared = connect.terms(account, {}, params)
    amounts.check_in_person(connect.country_of(account, shared["on_behalf_of"]), currency, types)
    check_shared(account, params, types)
    details, items = line_items.checked(params.get("amount_details"), {"tip": {}}, amount)
    pi = dict(_BLANK)
    for name in _STORED & params.keys():
        pi[name] = params[name]
    pi.update(
        shared, amount=amount, amount_details=details, automatic_payment_methods=automatic, created=account.clock.now(),
        currency=currency, metadata=merged({}, params.get("metadata")), payment_method_types=types,
        payment_method_options=method_options(account, types, params.get("payment_method_options"), {}),
    )
    if version < "2024-04-10" and "capture_method" not in params:
        pi["capture_method"] = "automatic"
    if "shipping" in params:
        pi["shipping"] = shipping(params["shipping"])
    if "payment_details" in params:
        pi["payment_details"] = payment_details(params["payment_details"], {})
    return pi, items


def name(account: "Account", pi: JsonObject) -> None:
    """Gives a new PaymentIntent its id and its secret."""
    id = pi["id"] = account.ids.new("pi")
    pi["client_secret"] = f"{id}_secret_{account.ids.letters(25)}"


def _types_of_new(params: JsonObject, version: str) -> tuple[list[str], JsonObject | None]:
    """The types, and automatic_payment_methods as shown."""
    types, automatic = asked_types(params, version), params.get("automatic_payment_methods")
    if types == []:
        raise empty("payment_method_types")
    if types is not None:
        if automatic is not None and automatic["enabled"]:
            raise _exclusive("automatic_payment_methods", "payment_method_types")
        if "excluded_payment_method_types" in params:
            raise _exclusive("excluded_payment_method_types", "payment_method_types")
        return types, None
    if automatic is None:
        automatic = {"enabled": version >= "2023-08-16"}
    if not automatic["enabled"]:
        return ["card"], None
    if "card" in params.get("excluded_payment_method_types", ()):
        raise invalid("No payment method type is left for this PaymentIntent.", param="excluded_payment_method_types")
    return ["card"], {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": True}


def asked_types(params: JsonObject, version: str) -> list[str] | None:
    """The payment method types asked for, under either name; None where neither is given."""
    if "allowed_payment_method_types" in params and version[:10] < "2026-09-30":
        raise unknown("allowed_payment_method_types")
    names = [name for name in ("allowed_payment_method_types", "payment_method_types") if name in params]
    if not names:
        return None
    if len(names) == 2:
        raise _exclusive(*names)
    types: list[str] = params[names[0]]
    for kind in types:
        if kind not in TYPES:
            raise not_emulated(f'payment method type "{kind}" is not emulated', param=names[0])
    return list(types)


def _exclusive(one: str, other: str) -> Exception:
    return invalid(f"You may only specify one of these parameters: {one}, {other}.", code="parameters_exclusive")


# ----------------------------------------------------------------------------------------------------------- an edit


def changes(
    account: "Account", pi: JsonObject, params: JsonObject, version: str
) -> tuple[JsonObject, list[JsonObject] | None]:
    """Every new value, all checked before the first is set, and the line items (None: as they are)."""
    new: JsonObject = {"metadata": merged(pi["metadata"], params.get("metadata"))}
    if params.get("currency") is UNSET:
        raise empty("currency")
    currency = amounts.check_currency(params["currency"]) if "currency" in params else pi["currency"]
    amount: int = params["amount"] if "amount" in params else pi["amount"]
    types = asked_types(params, version) or pi["payment_method_types"]
    if "amount" in params or "currency" in params:
        amounts.check_amount(amount, currency)
    new.update(connect.terms(account, pi, params))
    amounts.check_in_person(connect.country_of(account, new["on_behalf_of"]), currency, types)
    check_shared(account, params, types)
    details, items = line_items.checked(params.get("amount_details"), pi["amount_details"], amount)
    new.update(amount=amount, amount_details=details, currency=currency, payment_method_types=types)
    if "payment_method_options" in params or types != pi["payment_method_types"]:
        new["payment_method_options"] = method_options(
            account, types, params.get("payment_method_options"), pi["payment_method_options"] or {}
        )
    for name in (*_PLAIN, "allowed_payment_method_types", "excluded_payment_method_types"):
        if name in params:
            new[name] = None if params[name] is UNSET else params[name]
    if "shipping" in params:
        new["shipping"] = shipping(params["shipping"])
    if "payment_details" in params:
        new["payment_details"] = payment_details(params["payment_details"], pi.get("payment_details", {}))
    if "payment_method_types" in params:
        new["allowed_payment_method_types"] = None
    if asked_types(params, version) is not None:
        new["automatic_payment_methods"] = None
    return new, items


# ------------------------------------------------------------------------------------------------------ one by one


def check_shared(account: "Account", params: JsonObject, types: list[str]) -> None:
    """What create, update, confirm and a direct charge check alike."""
    statement_descriptors.check(params, types)
    email = params.get("receipt_email")
    if isinstance(email, str) and not _EMAIL.fullmatch(email):
        raise invalid(f"Invalid email address: {email}", code="email_invalid", param="receipt_email")
    if isinstance(customer := params.get("customer"), str):
        customers.find(account, customer, in_url=False)


def shipping(given: Any) -> JsonObject | None:
    """Shipping details with every key Stripe shows."""
    if given in (None, UNSET):
        return None
    address = {key: given.get("address", {}).get(key) for key in _ADDRESS_KEYS}
    shown = {
        "address": {key: None if value is UNSET else value for key, value in address.items()},
        "carrier": given.get("carrier"), "name": given["name"], "phone": given.get("phone"),
        "tracking_number": given.get("tracking_number"),
    }
    return {key: None if value is UNSET else value for key, value in shown.items()}


def payment_details(given: Any, before: JsonObject) -> JsonObject:
    given = dict.fromkeys(("customer_reference", "order_reference"), UNSET) if given is UNSET else given
    details = {"customer_reference": None, "order_reference": None, **before}
    for name, value in given.items():
        if name not in details:
            param = f"payment_details[{name}]"
            raise not_emulated(f'parameter "{param}" is not emulated', param=param)
        details[name] = None if value is UNSET else value
    return details


def method_options(account: "Account", types: list[str], given: Any, before: JsonObject) -> JsonObject:
    """payment_method_options as shown: one hash for each type."""
    given = {} if given in (None, UNSET) else given
    for kind in given:
        if kind not in types:
            param = f"payment_method_options[{kind}]"
            raise not_emulated(f"{param} without that payment method type is not emulated", param=param)
    options: JsonObject = {}
    for kind in sorted(types):
        asked = given.get(kind, {})
        asked = {} if asked is UNSET else asked
        if not asked and kind not in before:
            options[kind] = dict(_DEFAULTS[kind])
            continue
        _check_options(account, kind, asked)
        wanted = {**_DEFAULTS[kind], **before.get(kind, {}), **asked}
        options[kind] = {
            name: _DEFAULTS[kind].get(name) if value is UNSET else value
            for name, value in wanted.items() if value is not UNSET or name in _DEFAULTS[kind]
        }
    return options


_DEFAULTS: Final[dict[str, JsonObject]] = {
    "card": {"installments": None, "mandate_options": None, "network": None, "request_three_d_secure": "automatic"},
    "card_present": {
        "request_extended_authorization": False, "request_incremental_authorization_support": False,
    },
    "interac_present": {},
}


def _check_options(account: "Account", kind: str, asked: JsonObject) -> None:
    if kind == "card_present" and "routing" in asked and account.settings.country not in amounts.DOMESTIC_ROUTING:
        raise unknown("payment_method_options[card_present][routing]")
    for name in asked if kind == "card" else ():
        if name not in _CARD_OPTIONS:
            param = f"payment_method_options[card][{name}]"
            raise not_emulated(f'parameter "{param}" is not emulated', param=param)
