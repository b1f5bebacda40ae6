"""What the reader shows before a card is asked for, held against what is charged."""

from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


@check
def shown_total(journal: Journal, expected: Money, requirement: str = "EX-31") -> Finding:
    """The reader shows a cart, and its total is what the goods cost, tax included."""
    check, wanted = "display.shown_total", f"a cart of {expected} on the reader"
    looked = _looks(journal)
    if not looked:
        return Finding(requirement, check, None, wanted, "nobody looked at the reader")
    shown = _total(looked[-1])
    return Finding(
        requirement=requirement,
        check=check,
        holds=shown == expected,
        expected=wanted,
        observed=f"a cart of {shown}" if shown else "no cart",
        evidence=(looked[-1].n,),
        headline=None if shown == expected else f"The reader shows {shown or 'no total'}, where {expected} is right",
    )


@check
def shown_is_charged(journal: Journal, sale: str, requirement: str = "EX-31") -> Finding:
    """The last total that the customer saw is what was then taken from the card."""
    check = "display.shown_is_charged"
    shown = [(look, total) for look in _looks(journal) if (total := _total(look))]
    facts = SaleFacts(journal, sale)
    if not shown or not facts.captured:
        missing = "nothing was charged" if shown else "the reader never showed a total"
        return Finding(requirement, check, None, "the total shown to be charged", missing, facts.evidence, sale)
    look, total = shown[-1]
    holds = facts.captured == total
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"{total} charged, as the reader showed",
        observed=facts.books,
        evidence=(look.n, *facts.evidence),
        sale=sale,
        headline=None if holds else f"The reader shows {total} and the card is charged {facts.captured}",
    )


@check
def nothing_shown(journal: Journal, requirement: str = "EX-31") -> Finding:
    """The reader shows no cart any more."""
    check = "display.nothing_shown"
    looked = _looks(journal)
    if not any(_total(look) for look in looked):
        return Finding(requirement, check, None, "no cart on the reader", "the reader never showed one")
    shown = _total(looked[-1])
    return Finding(
        requirement=requirement,
        check=check,
        holds=shown is None,
        expected="no cart on the reader",
        observed=f"a cart of {shown}" if shown else "no cart",
        evidence=(looked[-1].n,),
        headline=f"The reader goes on showing {shown} to whoever comes next" if shown else None,
    )


def _looks(journal: Journal) -> list[Entry]:
    """Every time the reader was looked at, at Stripe."""
    return [entry for entry in journal.kind("ledger") if "reader" in entry.data]


def _total(look: Entry) -> Money | None:
    """The total on the reader then; None while it shows no cart."""
    reader: dict[str, Any] = look.data["reader"] or {}
    action: dict[str, Any] = reader.get("action") or {}
    shown = action.get("type") == "set_reader_display" and action.get("status") == "in_progress"
    # A cart that an app or a page put there stands in no action of Stripe's.
    cart = reader.get("cart") or ((action.get("set_reader_display") or {}).get("cart") if shown else None)
    return Money(int(cart["total"]), str(cart["currency"])) if cart else None
