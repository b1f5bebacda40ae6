"""Whether the reader does its part of a sale."""

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding


@check
def asks_for_card(journal: Journal, sale: str, requirement: str) -> Finding:
    """The till brought its reader to ask for a card: a customer who stands there found one that does, or did not."""
    found = [e for e in journal.controls("reader_asks", "reader_takes_no_card") if e.sale == sale]
    name, expected = "reader.asks_for_card", "the reader asking for a card"
    if not found:
        return Finding(requirement, name, None, expected, "nobody looked at the reader", sale=sale)
    holds = found[-1].data["what"] == "reader_asks"
    word = journal.last_word(sale)
    words = str(word.data.get("words") or "")[:120] if word else ""
    said = f"; the till says {word.data['outcome']}, “{words}”" if word else ""
    return Finding(
        requirement=requirement,
        check=name,
        holds=holds,
        expected=expected,
        observed=f"{found[-1].data['reader']}{said}",
        evidence=(*((word.n,) if word else ()), found[-1].n),
        sale=sale,
        headline=None if holds else "The sale cannot be paid: the reader never asks for a card",
    )
