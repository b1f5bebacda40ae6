"""Transfers: what a destination charge passes on to a connected account. Seen through charges; they have no calls."""

from typing import TYPE_CHECKING

from cardpresent.emulator.account import finds
from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.resources import balance_transactions

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "transfer.destination", "documented", "https://docs.stripe.com/connect/destination-charges",
    "A captured destination charge makes a transfer on the platform and a payment (py_…) on the connected account.",
)
declare(
    "transfer.reversal", "documented", f"{API}/refunds/create",
    "reverse_transfer takes the refunded part back from the connected account; without it the platform bears it.",
)
declare(
    "transfer.payment_shape", "assumed", f"{API}/charges/object",
    "The connected account's payment is a charge of type stripe_account, without card details or PaymentIntent.",
)


# -------------------------------------------------------------------------------------------------------------- fields


def of_charge(
    platform: "Account", seller: "Account", charge: JsonObject, application: str, cause: Cause
) -> JsonObject:
    """Passes on what the charge's transfer_data says, all of it unless it names an amount. The seller's payment."""
    amount: int = min(charge["transfer_data"]["amount"] or charge["amount_captured"], charge["amount_captured"])
    group = charge["transfer_group"] or f"group_{charge['payment_intent']}"
    transfer: JsonObject = {
        "id": platform.ids.new("tr"), "object": "transfer", "amount": amount, "amount_reversed": 0,
        "balance_transaction": None, "created": platform.clock.now(), "currency": charge["currency"],
        "description": None, "destination": seller.id, "livemode": False, "metadata": {}, "reversed": False,
        "source_transaction": charge["id"], "source_type": "card", "transfer_group": group,
    }
    id = transfer["id"]
    transfer["reversals"] = {"object": "list", "data": [], "has_more": False, "url": f"/v1/transfers/{id}/reversals"}
    payment = _payment(seller, charge, transfer, application)
    transfer["destination_payment"] = payment["id"]
    transfer["balance_transaction"] = balance_transactions.of_transfer(platform, transfer, charge)
    charge["transfer"], charge["transfer_group"] = id, group
    platform.transfers.add(id, transfer, transfer["created"])
    platform.emit("transfer.created", transfer, cause)
    return payment


def _payment(seller: "Account", charge: JsonObject, transfer: JsonObject, application: str) -> JsonObject:
    """What arrives at the connected account."""
    nothing = dict.fromkeys(
        ("application_fee", "description", "on_behalf_of", "outcome", "payment_intent", "payment_method",
         "receipt_email", "receipt_url", "shipping", "statement_descriptor", "statement_descriptor_suffix",
         "transfer_data", "transfer_group", "customer", "destination", "calculated_statement_descriptor")
    )
    kept = {name: value for name, value in charge.items() if name not in ("transfer", "refunds")}
    payment: JsonObject = {
        **kept, **nothing, "id": seller.ids.new("py"), "amount": transfer["amount"],
        "amount_captured": transfer["amount"], "amount_refunded": 0, "application": application,
        "created": seller.clock.now(), "metadata": {}, "refunded": False, "source_transfer": transfer["id"],
        "billing_details": {**charge["billing_details"]},
        "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
    }
    payment["balance_transaction"] = balance_transactions.of_payment(seller, payment)
    return seller.charges.add(payment["id"], payment, payment["created"])


@finds("platforms_transfers")
def _of_platform(account: "Account", id: str) -> JsonObject | None:
    return None if account.platform is None else account.platform.transfers.get(id)


# --------------------------------------------------------------------------------------------------------- transitions


def share(whole: int, given_back: int, charge: JsonObject, refund: JsonObject) -> int:
    """The part of `whole` that a refund gives back: its part of the charge, and the rest with the last of it."""
    if charge["amount_refunded"] >= charge["amount"]:
        return whole - given_back
    part: int = whole * refund["amount"] // charge["amount_captured"]
    return min(part, whole - given_back)


def reverse(
    platform: "Account", transfer: JsonObject, charge: JsonObject, refund: JsonObject, cause: Cause
) -> str | None:
    """Takes the refund's part of the transfer back; the id of the reversal, None where nothing is left."""
    amount = share(transfer["amount"], transfer["amount_reversed"], charge, refund)
    if not amount:
        return None
    seller = platform.connected[transfer["destination"]]
    payment = seller.charges.get(transfer["destination_payment"])
    reversal: JsonObject = {
        "id": platform.ids.new("trr"), "object": "transfer_reversal", "amount": amount, "balance_transaction": None,
        "created": platform.clock.now(), "currency": transfer["currency"], "destination_payment_refund": None,
        "metadata": {}, "source_refund": refund["id"], "transfer": transfer["id"],
    }
    reversal["balance_transaction"] = balance_transactions.of_reversal(platform, reversal, charge)
    if payment is not None:
        balance_transactions.of_payment_refund(seller, payment, amount)
        payment["amount_refunded"] += amount
        payment["refunded"] = payment["amount_refunded"] >= payment["amount"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] >= transfer["amount"]
    reversals = transfer["reversals"]
    transfer["reversals"] = {**reversals, "data": [reversal, *reversals["data"]]}
    platform.transfer_reversals.add(reversal["id"], reversal, reversal["created"])
    platform.emit("transfer.reversed", transfer, cause)
    id: str = reversal["id"]
    return id
