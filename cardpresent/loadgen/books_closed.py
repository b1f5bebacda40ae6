"""What holds of a load run as a whole, once its books are closed, beside the invariants of each of its sales.

No certification rests on these, so they are none of its checks.
"""

from typing import Any

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


def every_charge_has_a_sale(journal: Journal) -> Finding | None:
    """No money was taken that no sale of the run can answer for. None where the books were never closed."""
    closed = _closed(journal)
    if closed is None:
        return None
    stray = [p for p in closed.data["unclaimed"] if p["amount_received"]]
    told = ", ".join(f"{p['id']} {Money(int(p['amount_received']), str(p['currency']))}" for p in stray[:5])
    more = f" and {len(stray) - 5} more" if len(stray) > 5 else ""
    return Finding(
        "FD-01", "load.every_charge_has_a_sale", not stray, "a sale of the till for every charge at Stripe",
        f"no sale for {told}{more}" if stray else "a sale for every charge", (closed.n,),
        headline=f"{len(stray)} charge(s) at Stripe belong to no sale of the till" if stray else None,
    )  # fmt: skip


def readers_at_rest(journal: Journal) -> Finding | None:
    """When everybody has gone no reader asks anybody to pay. None where the books were never closed."""
    closed = _closed(journal)
    if closed is None:
        return None
    asking: list[dict[str, Any]] = closed.data["asking"]
    told = ", ".join(f"{one['reader']} for {one['payment_intent']}" for one in asking[:5])
    return Finding(
        "FD-14", "load.readers_at_rest", not asking, "every reader at rest once the shop is empty",
        f"still asking for a card: {told}" if asking else "every reader at rest", (closed.n,),
        headline=f"{len(asking)} reader(s) still ask for a card when the shop is empty" if asking else None,
    )  # fmt: skip


def _closed(journal: Journal) -> Entry | None:
    """The entry that closes a load run's books: {"unclaimed": [PaymentIntents], "asking": [readers]}."""
    return next((e for e in reversed(journal.kind("ledger")) if e.sale is None and "unclaimed" in e.data), None)
