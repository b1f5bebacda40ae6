"""What two registers of one shop may do to each other: nothing that goes unnoticed."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing


@check
def second_register_told(journal: Journal, sale: str, requirement: str = "FD-18") -> Finding:
    """A register that asks for a card for a sale which another is collecting is refused, or told something of its own.

    The same sentence at both would let two cashiers wait for two customers.
    """
    check = "registers.second_register_told"
    asked = [e for e in journal.kind("screen", sale) if e.data["verb"] == "start_sale"]
    if len({e.data.get("register") for e in asked}) < 2:
        return Finding(requirement, check, None, "one sale sent to two registers", f"{len(asked)} start(s)", sale=sale)
    first, second = asked[0], asked[-1]
    told = _words(second)
    holds = second.data["outcome"] == Outcome.REFUSED.value or bool(told and told != _words(first))
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="the second register refused, or told that the sale is being paid elsewhere",
        observed=f"{second.data['outcome']}, {second.data['standing']} “{told[:120]}”",
        evidence=(first.n, second.n),
        sale=sale,
        headline=None if holds else "Two registers are told the same of one sale, and both wait for a card",
    )


def _words(entry: Entry) -> str:
    return " ".join(str(entry.data.get("words") or "").split())


@check
def not_disturbed(journal: Journal, sale: str, requirement: str = "FD-29") -> Finding:
    """Cancelling another sale left the reader at this one, which it was asking for."""
    facts = SaleFacts(journal, sale)
    check = "registers.not_disturbed"
    asking = [e for e in journal.controls("reader_asks") if e.sale == sale]
    if not asking:
        return Finding(requirement, check, True, "a reader not yet at this sale, or still at it", facts.said,
                       facts.evidence, sale)  # fmt: skip
    holds = facts.on_reader or bool(facts.captured) or facts.standing is Standing.HELD
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="the reader still asking for the card of the sale it asked for before",
        observed=f"{facts.said}; {facts.books}",
        evidence=(asking[-1].n, *facts.evidence),
        sale=sale,
        headline=None if holds else "Cancelling one register's sale takes another's payment off the reader",
    )


@check
def running_attempt_told(journal: Journal, sale: str, requirement: str = "FD-17") -> Finding:
    """While the reader asks for another card, the till does not call the sale over because the first try was."""
    facts = SaleFacts(journal, sale)
    check = "registers.running_attempt_told"
    if not facts.on_reader:
        return Finding(requirement, check, None, "a reader that asks for another card", facts.books, sale=sale)
    over = facts.standing is Standing.SETTLED and facts.outcome is not Outcome.UNKNOWN
    return Finding(
        requirement=requirement,
        check=check,
        holds=not over,
        expected="the try that is under way",
        observed=f"{facts.said}; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=f"The till tells how the last try ended ({facts.said}) while the reader asks again" if over else None,
    )
