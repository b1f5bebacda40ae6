"""Search: PaymentIntents, charges and customers by Stripe's query language."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.store import Cut, Row, Table
from cardpresent.emulator.wire.answers import check_limit
from cardpresent.emulator.wire.search_query import Field, compile_query

_PAGE: Final = "https://docs.stripe.com/search"

declare(
    "search.result", "documented", f"{API}/pagination/search",
    "A search_result holds next_page while there is more, and total_count where it is expanded.",
)
declare(
    "search.version", "documented", _PAGE,
    "Search needs API version 2020-08-27 or later.",
)
declare(
    "search.at_once", "assumed", _PAGE,
    "What was written is found at once and as it is, where Stripe may take up to a minute; newest first.",
)

_OLDEST: Final = "2020-08-27"
_YES_NO: Final = frozenset({"true", "false"})
_SOURCES: Final = ("card", "card_present", "interac_present")
_CARD_FIELDS: Final = ("brand", "exp_month", "exp_year", "fingerprint", "last4")


# -------------------------------------------------------------------------------------------------------------- fields


def _at(*path: str) -> Callable[[JsonObject], Any]:
    """The value at a path, None where it ends before."""

    def value(obj: JsonObject) -> Any:
        found: Any = obj
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return value


def _yes_no(name: str) -> Callable[[JsonObject], str]:
    return lambda obj: "true" if obj[name] else "false"


def _refunded(charge: JsonObject) -> str | None:
    """true when wholly, false when in part, None when not refunded."""
    if not charge["amount_refunded"]:
        return None
    return "true" if charge["refunded"] else "false"


_SHARED: Final = {
    "amount": Field("numeric", _at("amount")), "created": Field("numeric", _at("created")),
    "currency": Field("token", _at("currency")), "customer": Field("token", _at("customer")),
    "status": Field("token", _at("status")),
}
_CHARGE: Final = {
    **_SHARED,
    "billing_details.address.postal_code": Field("token", _at("billing_details", "address", "postal_code")),
    "disputed": Field("token", _yes_no("disputed"), _YES_NO),
    "refunded": Field("token", _refunded, _YES_NO),
    **{
        f"payment_method_details.{source}.{name}": Field("token", _at("payment_method_details", source, name))
        for source in _SOURCES for name in _CARD_FIELDS
    },
}
_CUSTOMER: Final = {
    "created": Field("numeric", _at("created")), "email": Field("string", _at("email")),
    "name": Field("string", _at("name")), "phone": Field("string", _at("phone")),
}


# ---------------------------------------------------------------------------------------------------------- operations


def _search(call: Call, table: Table[Row], resource: str, fields: dict[str, Field]) -> JsonObject:
    params = call.params
    if call.version[:10] < _OLDEST:
        raise invalid(f"Search needs API version {_OLDEST} or later.")
    limit = check_limit(params)
    test = compile_query(params["query"], fields, resource)

    def keep(row: Row) -> bool:
        return "deleted" not in row and test(row)

    cut = Cut(limit, starting_after=_last_seen(params.get("page"), table))
    rows, more = table.page(cut, keep=keep)
    result: JsonObject = {
        "object": "search_result", "data": rows, "has_more": more,
        "next_page": urlsafe_b64encode(rows[-1]["id"].encode()).decode() if more else None,
        "url": f"/v1/{resource}/search",
    }
    if "total_count" in params.get("expand", ()):
        params["expand"] = [path for path in params["expand"] if path != "total_count"]
        result["total_count"] = len(table.page(Cut(len(table)), keep=keep)[0])
    return result


def _last_seen(page: str | None, table: Table[Row]) -> str | None:
    """The id a page begins after."""
    if page is None:
        return None
    try:
        id = urlsafe_b64decode(page.encode()).decode()
    except ValueError:
        raise _no_page(page) from None
    if id not in table:
        raise _no_page(page)
    return id


def _no_page(page: str) -> StripeError:
    return invalid(f"Invalid page: {page} is no next_page of a search.", param="page")


def search_charges(call: Call) -> JsonObject:
    return _search(call, call.account.charges, "charges", _CHARGE)


def search_customers(call: Call) -> JsonObject:
    return _search(call, call.account.customers, "customers", _CUSTOMER)


def search_payment_intents(call: Call) -> JsonObject:
    return _search(call, call.account.payment_intents, "payment_intents", _SHARED)


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("charge.search", "GET", "/v1/charges/search", search_charges, "charge_search"),
    Operation("customer.search", "GET", "/v1/customers/search", search_customers, "customer_search"),
    Operation("payment_intent.search", "GET", "/v1/payment_intents/search", search_payment_intents,
              "payment_intent_search"),
]
