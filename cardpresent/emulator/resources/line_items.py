"""amount_details: what makes up a PaymentIntent's amount, and the line items behind it."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.answers import LISTS, page_of
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_PAGE: Final = "https://docs.stripe.com/payments/payment-line-items"

declare(
    "amount_details.echo", "documented", _PAGE,
    "amount_details keeps shipping, tax and discount beside the tip; line items are listed or expanded.",
)
declare(
    "amount_details.arithmetic", "documented", _PAGE,
    "Line items, tax and shipping less discounts must make the amount; unenforced, the answer says what is wrong.",
)
declare(
    "amount_details.refusal", "assumed", _PAGE,
    "Where the sum is enforced and wrong, the answer is 400 with param amount_details.",
)
declare(
    "amount_details.replaced", "assumed", _PAGE, "Line items given in an update replace all that were there.",
)

ITEMS_MAX: Final = 200
_MISMATCH: Final = "amount_details_amount_mismatch"
_TOO_MUCH: Final = "amount_details_tax_shipping_discount_greater_than_amount"
_KINDS: Final = ("card", "card_present")


# -------------------------------------------------------------------------------------------------------------- fields


def checked(given: Any, before: JsonObject, amount: int) -> tuple[JsonObject, list[JsonObject] | None]:
    """The new amount_details and the line items to keep (None: those there are). The tip stays."""
    if given is None:
        return before, None
    details: JsonObject = {"tip": before["tip"]} if given is UNSET else dict(before)
    details.pop("error", None)
    given = {"line_items": UNSET} if given is UNSET else given
    items = None if "line_items" not in given else _items(given["line_items"])
    for name, keys in (("shipping", ("amount", "from_postal_code", "to_postal_code")), ("tax", ("total_tax_amount",))):
        if name in given:
            details[name] = given[name] if given[name] is UNSET else _with_nulls(given[name], keys)
    if "discount_amount" in given:
        details["discount_amount"] = given["discount_amount"]
    details = {name: value for name, value in details.items() if value is not UNSET}
    wrong = _wrong(details, items or [], amount)
    if wrong is not None:
        if given.get("enforce_arithmetic_validation", True):
            raise invalid(wrong["message"], param="amount_details")
        details["error"] = wrong
    return dict(sorted(details.items())), items


def _with_nulls(given: JsonObject, keys: tuple[str, ...]) -> JsonObject:
    return {key: None if given.get(key) is UNSET else given.get(key) for key in keys}


def _items(given: Any) -> list[JsonObject]:
    given = [] if given is UNSET else given
    if len(given) > ITEMS_MAX:
        raise invalid(f"There may be at most {ITEMS_MAX} line items.", param="amount_details[line_items]")
    for index, item in enumerate(given):
        where = f"amount_details[line_items][{index}]"
        for kind in item.get("payment_method_options", {}):
            if kind not in _KINDS:
                param = f"{where}[payment_method_options][{kind}]"
                raise not_emulated(f'parameter "{param}" is not emulated', param=param)
        for name, least in (("quantity", 1), ("unit_cost", 0), ("discount_amount", 1)):
            if name in item and item[name] < least:
                message = f"This value must be greater than or equal to {least}."
                raise invalid(message, code="parameter_invalid_integer", param=f"{where}[{name}]")
    return list(given)


def _wrong(details: JsonObject, items: list[JsonObject], amount: int) -> JsonObject | None:
    shipping = (details.get("shipping") or {}).get("amount") or 0
    tax = (details.get("tax") or {}).get("total_tax_amount") or 0
    discount = details.get("discount_amount") or 0
    if not items:
        if tax + shipping > amount + discount:
            return {"code": _TOO_MUCH, "message": "Tax and shipping less the discount are more than the amount."}
        return None
    if discount and any("discount_amount" in item for item in items):
        message = "A discount stands either on the whole or on line items."
        raise invalid(message, param="amount_details[discount_amount]")
    for item in items:
        tax += (item.get("tax") or {}).get("total_tax_amount") or 0
        discount += item.get("discount_amount", 0)
    total = sum(item["unit_cost"] * item["quantity"] for item in items) + tax + shipping - discount
    if total == amount:
        return None
    return {"code": _MISMATCH, "message": f"The line items come to {total}, but the amount is {amount}."}


# --------------------------------------------------------------------------------------------------------- transitions


def keep(account: "Account", payment_intent: str, items: list[JsonObject] | None) -> None:
    """Replaces the line items of a PaymentIntent; None leaves them."""
    if items is None:
        return
    for old in account.line_items.by(payment_intent=payment_intent):
        account.line_items.remove(old["id"])
    for given in reversed(items):  # lists are newest first, and the first item is to come first
        id = account.ids.new("uli")
        item: JsonObject = {
            "id": id, "object": "payment_intent_amount_details_line_item", "discount_amount": None,
            "payment_method_options": None, "product_code": None, "tax": None, "unit_of_measure": None, **given,
        }
        account.line_items.add(id, item, account.clock.now(), payment_intent=payment_intent)


# ---------------------------------------------------------------------------------------------------------- operations


def list_of(pi: JsonObject, account: "Account") -> JsonObject:
    """The list inside amount_details, where it is asked for by expand."""
    rows = account.line_items.by(payment_intent=pi["id"])[::-1]
    url = f"/v1/payment_intents/{pi['id']}/amount_details_line_items"
    return {"object": "list", "data": rows[:10], "has_more": len(rows) > 10, "url": url}


LISTS["payment_intent", "amount_details.line_items"] = list_of


def list_all(call: Call) -> JsonObject:
    if call.account.payment_intents.get(call.id) is None:
        raise missing("payment_intent", call.id, "intent")
    url = f"/v1/payment_intents/{call.id}/amount_details_line_items"
    return page_of(call, call.account.line_items, url, ("payment_intent", call.id), noun="line item")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("payment_intent.line_items", "GET", "/v1/payment_intents/{intent}/amount_details_line_items", list_all,
              "payment_intent_amount_details_line_item_list"),
]
