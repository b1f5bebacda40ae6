"""Application fees: what a platform takes from the payments of the accounts connected to it, and gives back."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.account import finds
from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.resources import balance_transactions
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "application_fee.object", "documented", f"{API}/application_fees/object",
    "A fee lies on the platform and names the connected account, its charge and, for destination charges, the "
    "platform's own.",
)
declare(
    "application_fee.refund", "documented", f"{API}/fee_refunds/create",
    "A fee is given back in parts until nothing is left; more is refused, and the charge itself stays paid.",
)
declare(
    "application_fee.refund_limits", "assumed", f"{API}/fee_refunds/create",
    "More than is left, or anything of a fee wholly given back, answers 400 with param amount.",
)
declare(
    "application_fee.refund_booking", "assumed", "",
    "What is given back is booked as application_fee_refund on the platform and as adjustment where it arrives.",
)


# -------------------------------------------------------------------------------------------------------------- fields


def take(
    platform: "Account", seller: "Account", charge: JsonObject, originating: str | None, cause: Cause
) -> None:
    """The platform's fee of a captured charge of the seller's, which comes to name it."""
    id = platform.ids.new("fee")
    fee: JsonObject = {
        "id": id, "object": "application_fee", "account": seller.id, "amount": charge["application_fee_amount"],
        "amount_refunded": 0, "application": charge["application"], "balance_transaction": None,
        "charge": charge["id"], "created": platform.clock.now(), "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"}, "livemode": False,
        "originating_transaction": originating, "refunded": False,
        "refunds": {"object": "list", "data": [], "has_more": False, "url": f"/v1/application_fees/{id}/refunds"},
    }
    fee["balance_transaction"] = balance_transactions.of_application_fee(platform, fee)
    charge["application_fee"] = id
    platform.application_fees.add(id, fee, fee["created"], charge=charge["id"])
    platform.emit("application_fee.created", fee, cause)


# --------------------------------------------------------------------------------------------------------- transitions


def give_back(
    platform: "Account", fee: JsonObject, amount: int, metadata: dict[str, str], cause: Cause
) -> JsonObject:
    """A part of the fee returns to the connected account: the fee refund. `amount` is no more than is left."""
    refund: JsonObject = {
        "id": platform.ids.new("fr"), "object": "fee_refund", "amount": amount, "balance_transaction": None,
        "created": platform.clock.now(), "currency": fee["currency"], "fee": fee["id"], "metadata": metadata,
    }
    refund["balance_transaction"] = balance_transactions.of_fee_refund(platform, refund)
    balance_transactions.of_returned_fee(platform.connected[fee["account"]], refund)
    previous = {name: fee[name] for name in ("amount_refunded", "refunded", "refunds")}
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] >= fee["amount"]
    platform.fee_refunds.add(refund["id"], refund, refund["created"], fee=fee["id"])
    rows = platform.fee_refunds.by(fee=fee["id"])[::-1]
    fee["refunds"] = {**fee["refunds"], "data": rows[:10], "has_more": len(rows) > 10}
    platform.emit("application_fee.refunded", fee, cause, previous)
    return refund


# ------------------------------------------------------------------------------------------------------ for other files


@finds("application_fees")
def _of_platform(account: "Account", id: str) -> JsonObject | None:
    return (account.platform or account).application_fees.get(id)


@finds("sellers_charges")
def _of_seller(account: "Account", id: str) -> JsonObject | None:
    return next((found for one in account.connected.values() if (found := one.charges.get(id))), None)


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "id") -> JsonObject:
    found = account.application_fees.get(id)
    if found is None:
        raise missing("application fee", id, param)
    return found


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def list_all(call: Call) -> JsonObject:
    wanted = call.params.get("charge")
    key = None if wanted is None else ("charge", wanted)
    return page_of(call, call.account.application_fees, "/v1/application_fees", key, noun="application fee")


def _amount(fee: JsonObject, given: Any) -> int:
    left: int = fee["amount"] - fee["amount_refunded"]
    amount: int = left if given is None else given
    if left == 0:
        raise invalid(f"Application fee {fee['id']} has already been refunded.", param="amount", kept=True)
    if amount < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than what is left of the application fee ({left})."
        raise invalid(message, param="amount", kept=True)
    return amount


def create_refund(call: Call) -> JsonObject:
    account, params = call.account, call.params
    fee = find(account, call.id)
    metadata = merged({}, params.get("metadata"))
    return give_back(account, fee, _amount(fee, params.get("amount")), metadata, call.cause)


def refund_whole(call: Call) -> JsonObject:
    """The older call: answers the fee instead of the refund."""
    fee = find(call.account, call.id)
    give_back(call.account, fee, _amount(fee, call.params.get("amount")), {}, call.cause)
    return fee


def list_refunds(call: Call) -> JsonObject:
    fee = find(call.account, call.id)
    url = f"/v1/application_fees/{fee['id']}/refunds"
    return page_of(call, call.account.fee_refunds, url, ("fee", fee["id"]), noun="fee refund")


def retrieve_refund(call: Call) -> JsonObject:
    fee, refund = find(call.account, call.ids[0], "fee"), call.account.fee_refunds.get(call.ids[1])
    if refund is None or refund["fee"] != fee["id"]:
        raise missing("fee refund", call.ids[1], "id")
    return refund


def update_refund(call: Call) -> JsonObject:
    refund = retrieve_refund(call)
    metadata = merged(refund["metadata"], call.params.get("metadata"))
    if metadata != refund["metadata"]:
        previous = {"metadata": refund["metadata"]}
        refund["metadata"] = metadata
        call.account.emit("application_fee.refund.updated", refund, call.cause, previous)
    return refund


# -------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/application_fees/{id}"
OPERATIONS: Final = [
    Operation("application_fee.list", "GET", "/v1/application_fees", list_all, "application_fee_list"),
    Operation("application_fee.retrieve", "GET", _ONE, retrieve, "application_fee_retrieve"),
    Operation("application_fee.refund", "POST", f"{_ONE}/refund", refund_whole, "application_fee_refund", "amount"),
    Operation("fee_refund.create", "POST", f"{_ONE}/refunds", create_refund, "application_fee_refund_create"),
    Operation("fee_refund.list", "GET", f"{_ONE}/refunds", list_refunds, "application_fee_refund_list"),
    Operation("fee_refund.retrieve", "GET", "/v1/application_fees/{fee}/refunds/{id}", retrieve_refund,
              "application_fee_refund_retrieve"),
    Operation("fee_refund.update", "POST", "/v1/application_fees/{fee}/refunds/{id}", update_refund,
              "application_fee_refund_update"),
]
