"""What holds of a load run as a whole, once its books are closed, beside the invariants of each of its sales.

No certification rests on these, so they are none of its checks.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money

# Invariants that no word of the till has a part in.
BY_THE_BOOKS: Final = frozenset({"invariants.one_live_payment"})


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


def no_hold_left(journal: Journal) -> Finding | None:
    """When everybody has gone nobody's money is held any more, be it for a sale of the till or for none. None where the
    books were never closed."""
    closed = _closed(journal)
    if closed is None:
        return None
    held: list[dict[str, Any]] = closed.data["held"]
    told = ", ".join(f"{one['payment_intent']} {Money(int(one['amount']), str(one['currency']))}" for one in held[:5])
    more = f" and {len(held) - 5} more" if len(held) > 5 else ""
    return Finding(
        "FD-21", "load.no_hold_left", not held, "nothing held on any card once the shop is empty",
        f"still held: {told}{more}" if held else "nothing held", (closed.n,),
        headline=f"{len(held)} payment(s) are still held on a card when the shop is empty" if held else None,
    )  # fmt: skip


def never_rung_up(sale: str) -> Finding:
    """Nobody can judge a till by a sale that it may never have been asked for."""
    return Finding(
        "FD-03", "load.rung_up", None, "the till's answer to a sale that it was asked to take",
        "whoever asked was gone before the till answered, and neither the till nor Stripe knows of the sale", (), sale,
    )  # fmt: skip


def without_its_word(journal: Journal, sale: str, findings: Sequence[Finding]) -> list[Finding]:
    """What is left of a sale's findings where the till was ended from outside before it could say its last word: none
    is held to words that it cannot say any more, and each to what it took too much."""
    broken = any(finding.holds is False for finding in findings)
    facts = SaleFacts(journal, sale)
    if not broken or facts.captured > facts.owed:
        return list(findings)
    return [
        replace(finding, holds=None) if finding.holds is False and finding.check not in BY_THE_BOOKS else finding
        for finding in findings
    ]


def _closed(journal: Journal) -> Entry | None:
    """The entry that closes a load run's books: {"unclaimed": [PaymentIntents], "asking": [readers], "held": [what is
    authorized and not captured]}."""
    return next((e for e in reversed(journal.kind("ledger")) if e.sale is None and "unclaimed" in e.data), None)
