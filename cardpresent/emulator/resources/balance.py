"""The balance: what the account's transactions add up to, pending until they are available."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import BY_ITSELF, Call, Operation
from cardpresent.emulator.paying import amounts

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "balance.object", "documented", f"{API}/balance/balance_object",
    "Pending and available amounts by currency; pending money becomes available on its transaction's available_on.",
)
declare(
    "balance.available_event", "documented", f"{API}/events/types",
    "balance.available tells that pending money has become available.",
)
declare("balance.no_payouts", "assumed", "", "Nothing is ever paid out: available amounts stay.")


# --------------------------------------------------------------------------------------------------------- transitions


def book(account: "Account", transaction: JsonObject) -> None:
    """Adds a new transaction. Its money moves from pending to available by itself when account time says so."""
    totals = account.balance.setdefault(transaction["currency"], {"available": 0, "pending": 0})
    due: int = transaction["available_on"]
    if due <= account.clock.now():
        transaction["status"] = "available"
        totals["available"] += transaction["net"]
        return
    totals["pending"] += transaction["net"]
    together = account.maturing.get(due)
    if together is None:
        together = account.maturing[due] = []
        account.clock.at(due, lambda: _mature(account, due))
    together.append(transaction)


def _mature(account: "Account", due: int) -> None:
    for transaction in account.maturing.pop(due):
        totals = account.balance[transaction["currency"]]
        totals["pending"] -= transaction["net"]
        totals["available"] += transaction["net"]
        transaction["status"] = "available"
    account.emit("balance.available", shown(account), BY_ITSELF)


# -------------------------------------------------------------------------------------------------------------- fields


def shown(account: "Account") -> JsonObject:
    """The balance as it stands, the account's own currency first."""
    own = amounts.currency_of(account.settings.country)
    currencies = [own, *sorted(set(account.balance) - {own})]
    body: JsonObject = {
        "object": "balance", "available": _amounts(account, "available", currencies), "livemode": False,
        "pending": _amounts(account, "pending", currencies),
    }
    if account.connected:
        body["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in currencies]
    return dict(sorted(body.items()))


def _amounts(account: "Account", kind: str, currencies: list[str]) -> list[JsonObject]:
    listed = []
    for currency in currencies:
        amount = account.balance.get(currency, {}).get(kind, 0)
        listed.append({"amount": amount, "currency": currency, "source_types": {"card": amount}})
    return listed


# ---------------------------------------------------------------------------------------------------------- operations


def retrieve(call: Call) -> JsonObject:
    return shown(call.account)


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [Operation("balance.retrieve", "GET", "/v1/balance", retrieve, "balance_retrieve")]
