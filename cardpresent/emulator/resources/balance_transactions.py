"""Balance transactions: every movement of the account's money, and when it becomes available."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.account import finds
from cardpresent.emulator.errors import JsonObject, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources import balance
from cardpresent.emulator.wire.answers import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "balance_transaction.kinds", "documented", "https://docs.stripe.com/reports/balance-transaction-types",
    "charge, refund, refund_failure, application_fee, application_fee_refund, transfer and payment are told apart.",
)
declare(
    "balance_transaction.fee", "assumed", "",
    "Stripe's fee is 2.7 % plus 5 of the smallest unit in every country; refunds give none of it back.",
)
declare(
    "balance_transaction.available_on", "assumed", f"{API}/balance_transactions/object",
    "Charges become available after 2 days of account time; a refund together with its charge, or at once after it.",
)

AVAILABLE_AFTER_S: Final = 2 * 24 * 3600


# -------------------------------------------------------------------------------------------------------------- fields


def record(
    account: "Account", type: str, amount: int, currency: str, source: str, *, description: str | None = None,
    fee_details: list[JsonObject] | None = None, available_on: int | None = None,
) -> str:
    """Books `amount` (negative: it leaves) less its fees; the id. Without `available_on` it is available at once."""
    now = account.clock.now()
    details = fee_details or []
    fee = sum(detail["amount"] for detail in details)
    made: JsonObject = {
        "id": account.ids.new("txn"), "object": "balance_transaction", "amount": amount,
        "available_on": max(available_on or now, now), "balance_type": "payments", "created": now,
        "currency": currency, "description": description, "exchange_rate": None, "fee": fee, "fee_details": details,
        "net": amount - fee, "reporting_category": _REPORTED_AS.get(type, type), "source": source,
        "status": "pending", "type": type,
    }
    account.balance_transactions.add(made["id"], made, now, source=source, type=type, currency=currency)
    balance.book(account, made)
    id: str = made["id"]
    return id


_REPORTED_AS: Final = {
    "application_fee": "platform_earning", "application_fee_refund": "platform_earning_refund",
    "payment": "charge", "payment_refund": "refund",
}


def of_charge(account: "Account", charge: JsonObject, amount: int) -> str:
    """What was captured, less Stripe's fee and, on a connected account, the platform's."""
    stripes = amount * 27 // 1000 + 5
    currency = charge["currency"]
    details: list[JsonObject] = [{
        "amount": stripes, "application": None, "currency": currency, "description": "Stripe processing fees",
        "type": "stripe_fee",
    }]
    if account.is_connected:
        details += _platforms_fee(charge, amount)
    return record(
        account, "charge", amount, currency, charge["id"], description=charge["description"], fee_details=details,
        available_on=account.clock.now() + AVAILABLE_AFTER_S,
    )


def of_refund(account: "Account", refund: JsonObject, charge: JsonObject) -> str:
    """What goes back to the customer, taken from where the charge's money is."""
    return record(
        account, "refund", -refund["amount"], refund["currency"], refund["id"],
        description=_about(charge, "REFUND FOR CHARGE"), available_on=_available_on(account, charge),
    )


def of_failed_refund(account: "Account", refund: JsonObject, charge: JsonObject) -> str:
    """What a failed or canceled refund puts back into the balance."""
    return record(
        account, "refund_failure", refund["amount"], refund["currency"], refund["id"],
        description=_about(charge, "REFUND FAILURE"), available_on=_available_on(account, charge),
    )


def _platforms_fee(charge: JsonObject, amount: int) -> list[JsonObject]:
    fee = min(charge["application_fee_amount"] or 0, amount)
    if not fee:
        return []
    return [{
        "amount": fee, "application": charge["application"], "currency": charge["currency"],
        "description": "Application fee", "type": "application_fee",
    }]


def of_transfer(account: "Account", transfer: JsonObject, charge: JsonObject) -> str:
    """What a destination charge passes on, as the platform sees it."""
    amount, currency = transfer["amount"], transfer["currency"]
    return record(
        account, "transfer", -amount, currency, transfer["id"], available_on=_available_on(account, charge)
    )


def of_payment(account: "Account", payment: JsonObject) -> str:
    """What a destination charge passes on, as the connected account sees it."""
    amount = payment["amount"]
    return record(
        account, "payment", amount, payment["currency"], payment["id"], fee_details=_platforms_fee(payment, amount),
        available_on=account.clock.now() + AVAILABLE_AFTER_S,
    )


def of_reversal(account: "Account", reversal: JsonObject, charge: JsonObject) -> str:
    """What a reversed transfer brings back to the platform."""
    amount, currency = reversal["amount"], reversal["currency"]
    return record(
        account, "transfer_refund", amount, currency, reversal["id"], available_on=_available_on(account, charge)
    )


def of_payment_refund(account: "Account", payment: JsonObject, amount: int) -> str:
    """What a reversed transfer takes from the connected account."""
    available_on = _available_on(account, payment)
    return record(account, "payment_refund", -amount, payment["currency"], payment["id"], available_on=available_on)


def of_application_fee(account: "Account", fee: JsonObject) -> str:
    """What the platform took."""
    available_on = account.clock.now() + AVAILABLE_AFTER_S
    return record(
        account, "application_fee", fee["amount"], fee["currency"], fee["id"], available_on=available_on
    )


def of_fee_refund(account: "Account", refund: JsonObject) -> str:
    """What the platform gave back of it."""
    return record(account, "application_fee_refund", -refund["amount"], refund["currency"], refund["id"])


def of_returned_fee(account: "Account", refund: JsonObject) -> str:
    """The same, where it arrives."""
    return record(account, "adjustment", refund["amount"], refund["currency"], refund["id"])


def _about(charge: JsonObject, what: str) -> str:
    return what if charge["description"] is None else f"{what} ({charge['description']})"


def _available_on(account: "Account", charge: JsonObject) -> int | None:
    booked = account.balance_transactions.get(charge["balance_transaction"] or "")
    return None if booked is None else booked["available_on"]


_TABLES: Final = {
    "ch": "charges", "py": "charges", "re": "refunds", "fee": "application_fees", "fr": "fee_refunds",
    "dp": "disputes", "tr": "transfers", "trr": "transfer_reversals",
}


@finds("sources")
def _source(account: "Account", id: str) -> JsonObject | None:
    return account.expanded(_TABLES[id.partition("_")[0]], id)


# ---------------------------------------------------------------------------------------------------------- operations


def retrieve(call: Call) -> JsonObject:
    found = call.account.balance_transactions.get(call.id)
    if found is None:
        raise missing("balance transaction", call.id, "id")
    return found


def list_all(call: Call) -> JsonObject:
    params = call.params
    if "payout" in params:
        raise not_emulated("payouts are not emulated", param="payout")
    wanted = {name: params[name] for name in ("source", "type", "currency") if name in params}
    if "currency" in wanted:
        wanted["currency"] = wanted["currency"].lower()
    key = next(iter(wanted.items()), None)

    def keep(transaction: JsonObject) -> bool:
        return all(transaction[name] == value for name, value in wanted.items())

    table = call.account.balance_transactions
    return page_of(call, table, "/v1/balance_transactions", key, keep if len(wanted) > 1 else None,
                   "balance transaction")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("balance_transaction.list", "GET", "/v1/balance_transactions", list_all, "balance_transaction_list"),
    Operation("balance_transaction.retrieve", "GET", "/v1/balance_transactions/{id}", retrieve,
              "balance_transaction_retrieve"),
]
