"""What holds of a load run as a whole, once its books are closed, beside the invariants of each of its sales.

No certification rests on these, so they are none of its checks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money

# Invariants that no word of the till has a part in.
BY_THE_BOOKS: Final = frozenset({"invariants.one_live_payment"})


# What is named one by one; the rest is counted.
NAMED: Final = 5


def every_charge_has_a_sale(journal: Journal) -> Finding | None:
    """No money was taken that no sale of the run can answer for. None where the books were never closed."""
    return _none_of(
        journal, "FD-01", "load.every_charge_has_a_sale",
        lambda closed: [
            f"{p['id']} {_money(p['amount_received'], p)}" for p in closed["unclaimed"] if p["amount_received"]
        ],
        "a sale of the till for every charge at Stripe", "a sale for every charge", "no sale for",
        "charge(s) at Stripe belong to no sale of the till",
    )  # fmt: skip


def readers_at_rest(journal: Journal) -> Finding | None:
    """When everybody has gone no reader asks anybody to pay. None where the books were never closed."""
    return _none_of(
        journal, "FD-14", "load.readers_at_rest",
        lambda closed: [f"{one['reader']} for {one['payment_intent']}" for one in closed["asking"]],
        "every reader at rest once the shop is empty", "every reader at rest", "still asking for a card:",
        "reader(s) still ask for a card when the shop is empty",
    )  # fmt: skip


def no_hold_left(journal: Journal) -> Finding | None:
    """When everybody has gone nobody's money is held any more, be it for a sale of the till or for none. None where the
    books were never closed."""
    return _none_of(
        journal, "FD-21", "load.no_hold_left",
        lambda closed: [f"{one['payment_intent']} {_money(one['amount'], one)}" for one in closed["held"]],
        "nothing held on any card once the shop is empty", "nothing held", "still held:",
        "payment(s) are still held on a card when the shop is empty",
    )  # fmt: skip


def _none_of(
    journal: Journal, requirement: str, name: str, left: Callable[[Mapping[str, Any]], list[str]], expected: str,
    fine: str, wrong: str, headline: str,
) -> Finding | None:  # fmt: skip
    """Whether the closed books hold none of what must not be `left`; each of those in words."""
    closed = _closed(journal)
    if closed is None:
        return None
    found = left(closed.data)
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return Finding(
        requirement, name, not found, expected, f"{wrong} {', '.join(found[:NAMED])}{more}" if found else fine,
        (closed.n,), headline=f"{len(found)} {headline}" if found else None,
    )  # fmt: skip


def _money(minor_units: int, of: Mapping[str, Any]) -> Money:
    return Money(int(minor_units), str(of["currency"]))


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
