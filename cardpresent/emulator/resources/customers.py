"""Customers: who a merchant knows, and whose cards are kept for later."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "customer.object", "documented", f"{API}/customers/object",
    "A customer carries every key, its balance and invoice settings stored as given; nothing is ever invoiced.",
)
declare(
    "customer.deleted", "documented", f"{API}/customers/retrieve",
    "A deleted customer is read as {id, object, deleted: true} and can be named nowhere else.",
)
declare(
    "customer.deleted_methods", "assumed", f"{API}/customers/delete",
    "A deleted customer's PaymentMethods are detached, without events of their own.",
)
declare(
    "customer.default_detached", "assumed", f"{API}/payment_methods/detach",
    "Detaching the default PaymentMethod empties invoice_settings.default_payment_method: customer.updated.",
)
declare(
    "customer.list_by_email", "documented", f"{API}/customers/list",
    "Customers are listed by their present email address, exactly as written.",
)

_TEXTS: Final = ("description", "email", "name", "phone")
_NAMES: Final = ("business_name", "individual_name")
_ADDRESS_KEYS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
_PREFIX_LENGTHS: Final = range(3, 13)


# -------------------------------------------------------------------------------------------------------------- fields


_BLANK: Final[JsonObject] = {
    "object": "customer", "address": None, "balance": 0, "cash_balance": None, "currency": None,
    "customer_account": None, "default_source": None, "delinquent": False, "description": None, "discount": None,
    "email": None,
    "invoice_settings": {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    },
    "livemode": False, "metadata": {}, "name": None, "next_invoice_sequence": 1, "phone": None,
    "preferred_locales": [], "shipping": None, "tax_exempt": "none", "test_clock": None,
}


def _new(account: "Account", values: JsonObject) -> JsonObject:
    given = {name: value for name, value in values.items() if value is not UNSET}
    id, prefix = account.ids.new("cus"), account.ids.letters(8).upper()
    return {"id": id, **_BLANK, "created": account.clock.now(), "invoice_prefix": prefix, **given}


def _changes(account: "Account", before: JsonObject, params: JsonObject) -> JsonObject:
    """Every new value, all checked before the first is set. UNSET in a value removes its key."""
    changes: JsonObject = {"metadata": merged(before["metadata"], params.get("metadata"))}
    for name in (*_TEXTS, *_NAMES):
        if name in params:
            changes[name] = params[name] if name in _NAMES else _value(params[name])
    for name in ("balance", "next_invoice_sequence", "preferred_locales", "tax_exempt"):
        if name in params:
            changes[name] = _BLANK[name] if params[name] is UNSET else params[name]
    if "invoice_prefix" in params:
        changes["invoice_prefix"] = _prefix(params["invoice_prefix"])
    if "address" in params:
        changes["address"] = _address(params["address"])
    if "shipping" in params:
        changes["shipping"] = _shipping(params["shipping"])
    if "invoice_settings" in params:
        changes["invoice_settings"] = _invoice_settings(account, before, params)
    return changes


def _value(given: Any) -> Any:
    return None if given is UNSET else given


def _prefix(given: str) -> str:
    if len(given) not in _PREFIX_LENGTHS or not given.isascii() or not given.isalnum() or given.upper() != given:
        message = "An invoice prefix has 3 to 12 uppercase letters or numbers."
        raise invalid(message, param="invoice_prefix")
    return given


def _address(given: Any) -> JsonObject | None:
    return None if given is UNSET else {key: _value(given.get(key)) for key in _ADDRESS_KEYS}


def _shipping(given: Any) -> JsonObject | None:
    if given is UNSET:
        return None
    return {
        "address": _address(given["address"]), "carrier": None, "name": given["name"],
        "phone": _value(given.get("phone")), "tracking_number": None,
    }


def _invoice_settings(account: "Account", before: JsonObject, params: JsonObject) -> JsonObject:
    given = {name: _value(value) for name, value in params["invoice_settings"].items()}
    wanted = given.get("default_payment_method")
    if wanted is not None and wanted != params.get("payment_method"):
        method = account.payment_methods.get(wanted)
        if method is None or method["customer"] is None or method["customer"] != before.get("id"):
            param = "invoice_settings[default_payment_method]"
            message = f"The customer does not have a payment method with the ID {wanted}; attach it first."
            raise invalid(message, code="resource_missing", param=param)
    rendering = given.get("rendering_options")
    if rendering is not None:
        given["rendering_options"] = {key: _value(rendering.get(key)) for key in ("amount_tax_display", "template")}
    return {**before["invoice_settings"], **given}


# --------------------------------------------------------------------------------------------------------- transitions


def change(account: "Account", obj: JsonObject, changes: JsonObject, event: str, cause: Cause) -> None:
    """Sets what really changes and tells of it, old values in previous_attributes. UNSET removes a key."""
    changed = {name: value for name, value in changes.items() if value != obj.get(name, UNSET)}
    if not changed:
        return
    previous = {name: obj.get(name) for name in changed}
    for name, value in changed.items():
        if value is UNSET:
            obj.pop(name, None)
        else:
            obj[name] = value
    account.emit(event, obj, cause, previous)


def forget_default(account: "Account", id: str, method: str, cause: Cause) -> None:
    """The customer's default PaymentMethod is none of theirs any more."""
    customer = account.customers.get(id)
    if customer is None or customer.get("invoice_settings", {}).get("default_payment_method") != method:
        return
    settings = {**customer["invoice_settings"], "default_payment_method": None}
    change(account, customer, {"invoice_settings": settings}, "customer.updated", cause)


# ------------------------------------------------------------------------------------------------------ for other files


def find(account: "Account", id: str, param: str = "customer", *, in_url: bool = True) -> JsonObject:
    """The customer, if there is one and it was not deleted."""
    found = account.customers.get(id)
    if found is None or "deleted" in found:
        raise missing("customer", id, param, in_url=in_url)
    return found


# ---------------------------------------------------------------------------------------------------------- operations


def create(call: Call) -> JsonObject:
    from cardpresent.emulator.resources import payment_methods  # which knows customers

    account, params = call.account, call.params
    values = _changes(account, _BLANK, params)
    method = None
    if "payment_method" in params:
        method = payment_methods.attachable(account, params["payment_method"], in_url=False)
        if params.get("invoice_settings", {}).get("default_payment_method") is not None:
            values["invoice_settings"]["default_payment_method"] = method["id"]
    customer = _new(account, values)
    account.customers.add(customer["id"], customer, customer["created"], email=customer["email"])
    account.emit("customer.created", customer, call.cause)
    if method is not None:
        payment_methods.attach(account, method, customer["id"], call.cause)
    return customer


def retrieve(call: Call) -> JsonObject:
    found = call.account.customers.get(call.id)
    if found is None:
        raise missing("customer", call.id, "id")
    return found


def update(call: Call) -> JsonObject:
    account = call.account
    customer = find(account, call.id)
    changes = _changes(account, customer, call.params)
    if changes.get("email") is not None:
        account.customers.also(customer["id"], email=changes["email"])
    change(account, customer, changes, "customer.updated", call.cause)
    return customer


def delete(call: Call) -> JsonObject:
    account = call.account
    customer = find(account, call.id)
    account.emit("customer.deleted", customer, call.cause)
    for method in account.payment_methods.by(customer=customer["id"]):
        if method["customer"] == customer["id"]:
            method["customer"] = None
            account.spent_methods.add(method["id"])
    id = customer["id"]
    customer.clear()
    customer.update(id=id, object="customer", deleted=True)
    return customer


def list_all(call: Call) -> JsonObject:
    email = call.params.get("email")
    key = None if email is None else ("email", email)

    def keep(customer: JsonObject) -> bool:
        return "deleted" not in customer and email in (None, customer["email"])

    return page_of(call, call.account.customers, _ALL, key, keep, "customer")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/customers"
_ONE: Final = "/v1/customers/{customer}"
_TAKES: Final = (
    "address balance business_name description email individual_name invoice_prefix invoice_settings metadata name "
    "next_invoice_sequence phone preferred_locales shipping tax_exempt"
)
OPERATIONS: Final = [
    Operation("customer.create", "POST", _ALL, create, "customer_create", f"{_TAKES} payment_method"),
    Operation("customer.list", "GET", _ALL, list_all, "customer_list",
              "created email ending_before limit starting_after"),
    Operation("customer.retrieve", "GET", _ONE, retrieve, "customer_retrieve"),
    Operation("customer.update", "POST", _ONE, update, "customer_update", _TAKES),
    Operation("customer.delete", "DELETE", _ONE, delete, "customer_delete"),
]
