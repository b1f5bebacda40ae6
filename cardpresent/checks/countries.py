"""Where the shop stands and what it sells in: what a reader cannot serve is refused in words, at nobody's cost."""

import re
from typing import Final

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing

# To blame the customer's card for what the shop cannot take sends the customer away with a good card.
_BLAMES_CARD: Final = re.compile(r"declin|insufficient|refused the card|abgelehnt", re.IGNORECASE)


@check
def currency_refused(journal: Journal, sale: str, words_read: bool, requirement: str = "FD-68") -> Finding:
    """A sale in a currency that no reader of the shop takes is refused with words, and asks nobody for a card.

    `words_read`: whether the integration file says where the till's words stand; if not, they are not judged.
    """
    facts, check = SaleFacts(journal, sale), "countries.currency_refused"
    asking = bool(facts.live or facts.captures or facts.on_reader)
    refused = facts.outcome is Outcome.REFUSED and facts.standing is Standing.SETTLED
    unclear = _unclear(facts.word) if words_read else None
    taken = ", ".join(f"{p['amount']} {p['currency']} {p['status']}" for p in facts.live) or facts.books
    return Finding(
        requirement="EX-20" if asking else requirement,
        check=check,
        holds=refused and not asking and not unclear,
        expected=f"{facts.asked} refused in words, and no card asked for",
        observed=f"{facts.said}; {taken}" + (f"; {unclear}" if unclear else ""),
        evidence=facts.evidence,
        sale=sale,
        headline=_headline(facts, asking, unclear if refused else None),
    )


def _headline(facts: SaleFacts, asking: bool, unclear: str | None) -> str | None:
    if asking:
        return f"A sale of {facts.asked} goes on a reader that takes no {facts.currency.upper()}: paid in what money?"
    if facts.outcome is not Outcome.REFUSED:
        return f"Nobody is told that {facts.asked} cannot be taken: the till says {facts.said}"
    return f"A sale of {facts.asked} is refused, but {unclear}" if unclear else None


@check
def reader_abroad_refused(journal: Journal, words_read: bool, requirement: str = "EX-20") -> Finding:
    """A reader registered in another country than the account is refused: when it is set up, where that can be seen.

    Where readers are not set up at the till, the first sale is the first chance. It asks no customer for a card.
    """
    check = "countries.reader_abroad_refused"
    put = journal.controls("reader_abroad")
    after = [e for e in journal.kind("screen") if put and e.n > put[0].n]
    set_up = [e for e in after if e.data["verb"] == "bind_reader"]
    said = set_up or [e for e in after if e.data["verb"] in {"start_sale", "retry_sale", "sale_state"}]
    if not said:
        return Finding(requirement, check, None, "a reader that stands abroad, put to work", "the till said nothing")
    # A cashier who was told once knows it, whatever a question about the sale is answered later.
    word = next((e for e in said if e.data["outcome"] == Outcome.REFUSED.value), said[-1])
    refused = word.data["outcome"] == Outcome.REFUSED.value
    unclear = _unclear(word) if words_read else None
    where = "when it is set up" if set_up else "at its first sale"
    return Finding(
        requirement="FD-68" if set_up and (not refused or unclear) else requirement,
        check=check,
        holds=refused and not unclear,
        expected=f"the reader refused in words {where}",
        observed=f"{word.data['outcome']} “{str(word.data.get('words') or '')[:120]}”",
        evidence=(put[0].n, word.n),
        headline=None if refused and not unclear else "A reader registered abroad is taken on: nobody can pay at it",
    )


def _unclear(word: Entry) -> str | None:
    """What is wrong with the words of a refusal, None where a cashier can act on them."""
    words = str(word.data.get("words") or "")
    if not re.search(r"\w{2,}", words):
        return "no word says why"
    return "the words blame the customer's card" if _BLAMES_CARD.search(words) else None
