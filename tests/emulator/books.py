"""Stripe's books, read at the wire, and what must hold in them whatever was done: no money from nowhere, none lost."""

from collections.abc import Iterator
from typing import Any

from tests.emulator.inside import Inside

Rows = dict[str, dict[str, Any]]
HELD = "requires_capture"
UNPAID = {"requires_payment_method", "requires_confirmation", "requires_action", "processing"}


def most(authorized: int) -> int:
    """What may be captured at the very most: the authorization and half of it, or 50.00 if that is more."""
    return authorized + max(authorized // 2, 5000)


class Books:
    """All PaymentIntents, charges, refunds and readers of an account at one moment."""

    def __init__(self, account: Inside) -> None:
        self.payment_intents = self._all(account, "payment_intents")
        self.charges = self._all(account, "charges")
        self.refunds = self._all(account, "refunds")
        self.readers = self._all(account, "terminal/readers")
        self.transactions = self._all(account, "balance_transactions")
        self.balance = account.ok("GET", "/v1/balance")
        for reader in self.readers.values():
            reader.pop("last_seen_at")

    @staticmethod
    def _all(account: Inside, path: str) -> Rows:
        rows: Rows = {}
        last = None
        while True:
            page = account.ok("GET", f"/v1/{path}", {"limit": 100, "starting_after": last})
            rows.update((row["id"], row) for row in page["data"])
            if not page["has_more"]:
                return rows
            last = page["data"][-1]["id"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Books) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def of(self, pi: str) -> list[dict[str, Any]]:
        return [charge for charge in self.charges.values() if charge["payment_intent"] == pi]

    def taken(self) -> int:
        """What all customers have paid and not got back."""
        given_back = sum(refund["amount"] for refund in self.refunds.values() if refund["status"] != "failed")
        return sum(charge["amount_captured"] for charge in self.charges.values()) - given_back

    def faults(self) -> list[str]:
        """What does not add up, one sentence each."""
        found = [fault for pi in self.payment_intents.values() for fault in self._payment(pi)]
        found += [fault for charge in self.charges.values() for fault in self._charge(charge)]
        found += self._balance()
        return found + [fault for reader in self.readers.values() for fault in self._reader(reader)]

    def _balance(self) -> Iterator[str]:
        booked: dict[str, int] = {}
        for entry in self.transactions.values():
            if entry["net"] != entry["amount"] - entry["fee"]:
                yield f"{entry['id']}: {entry['amount']} less {entry['fee']} is not {entry['net']}"
            booked[entry["currency"]] = booked.get(entry["currency"], 0) + entry["net"]
        for part in (*self.balance["pending"], *self.balance["available"]):
            booked[part["currency"]] = booked.get(part["currency"], 0) - part["amount"]
        for currency, left in booked.items():
            if left:
                yield f"the balance in {currency} is {left} less than the sum of its entries"

    def _payment(self, pi: dict[str, Any]) -> Iterator[str]:
        id, status, charges = pi["id"], pi["status"], self.of(pi["id"])
        captured = [charge for charge in charges if charge["captured"]]
        held = [charge for charge in charges if charge["paid"] and not charge["captured"] and not charge["refunded"]]
        if pi["amount_received"] != sum(charge["amount_captured"] for charge in charges):
            yield f"{id} received {pi['amount_received']}, its charges captured another sum"
        if len(captured) != (status == "succeeded"):
            yield f"{id} is {status} with {len(captured)} captured charge(s)"
        if len(held) != (status == HELD):
            yield f"{id} is {status} with {len(held)} held charge(s)"
        if pi["amount_capturable"] != sum(charge["amount"] for charge in held):
            yield f"{id} says {pi['amount_capturable']} is capturable, its charges hold another sum"
        if status in (HELD, "succeeded") and pi["latest_charge"] not in [charge["id"] for charge in held + captured]:
            yield f"{id} is {status}, its latest charge is not the one that paid"
        if (pi["canceled_at"] is not None) != (status == "canceled"):
            yield f"{id} is {status} and canceled_at is {pi['canceled_at']}"
        if status in UNPAID and any(charge["paid"] for charge in charges):
            yield f"{id} is {status} and has been paid"

    def _charge(self, charge: dict[str, Any]) -> Iterator[str]:
        id, amount = charge["id"], charge["amount"]
        refunds = [refund for refund in self.refunds.values() if refund["charge"] == id]
        paid_back = sum(refund["amount"] for refund in refunds if refund["status"] not in ("failed", "canceled"))
        released = amount - charge["amount_captured"] if charge["captured"] else amount * charge["refunded"]
        card = (charge["payment_method_details"] or {}).get("card_present")
        allowed = most(card["amount_authorized"]) if card else amount
        if charge["amount_captured"] > allowed:
            yield f"{id} captured {charge['amount_captured']}, its card allowed {allowed}"
        if paid_back > charge["amount_captured"]:
            yield f"{id} captured {charge['amount_captured']} and gave back {paid_back}"
        if charge["amount_refunded"] != paid_back + released:
            yield f"{id} says {charge['amount_refunded']} went back, {paid_back} refunded and {released} released did"
        if charge["refunded"] != (charge["amount_refunded"] == amount):
            yield f"{id} says refunded={charge['refunded']} at {charge['amount_refunded']} of {amount}"
        if charge["paid"] != (charge["status"] == "succeeded") or (charge["captured"] and not charge["paid"]):
            yield f"{id} is {charge['status']}, paid={charge['paid']}, captured={charge['captured']}"

    def _reader(self, reader: dict[str, Any]) -> Iterator[str]:
        action = reader["action"]
        if action is None:
            return
        if (action["failure_code"] is not None) != (action["status"] == "failed"):
            yield f"{reader['id']}: action {action['status']} with failure_code {action['failure_code']}"
        about = action.get(action["type"]) or {}
        pi = self.payment_intents.get(about.get("payment_intent") or "")
        if action["type"] in ("process_payment_intent", "confirm_payment_intent") and action["status"] == "succeeded":
            if pi is None or not any(charge["paid"] for charge in self.of(pi["id"])):
                yield f"{reader['id']}: action succeeded, and nothing was paid"
        elif action["type"] == "refund_payment" and action["status"] == "succeeded" and not self.refunds:
            yield f"{reader['id']}: refund succeeded, and there is none"
