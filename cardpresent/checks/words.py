"""What the cashier is told, held against the truth at Stripe."""

import re
from typing import Final

from cardpresent.checks.catalogue import check
from cardpresent.checks.cause import Breach, requirement_for
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing

# How a cashier is told that the bank said no, in the languages of the countries Terminal works in.
_DECLINED: Final = re.compile(
    r"declin(?:ed|es)|insufficient funds|(?:bank|issuer|card) (?:said no|has )?(?:refused|rejected)|"
    r"card was (?:refused|rejected|not accepted)|abgelehnt|refusée?|rifiutata|rechazada|recusado|recusada|geweigerd|"
    r"nekad|afvist|avvist|hylätty|odrzucona|zamítnut",
    re.IGNORECASE,
)


@check
def told_paid(journal: Journal, sale: str) -> Finding:
    """The till's last word is that the sale is paid."""
    return _told(journal, sale, "words.told_paid", Outcome.ACCEPTED, Standing.SETTLED, "the cashier told: paid")


@check
def told_not_paid(journal: Journal, sale: str) -> Finding:
    """The till's last word is that the sale is not paid, or it asks for another card at once: both say as much."""
    facts = SaleFacts(journal, sale)
    if facts.standing is Standing.COLLECTING and facts.on_reader:
        return Finding(
            requirement_for(Breach.UNRESOLVED, journal, sale), "words.told_not_paid", True,
            "the cashier told: not paid", f"{facts.said}; {facts.books}", facts.evidence, sale,
        )  # fmt: skip
    return _told(journal, sale, "words.told_not_paid", Outcome.REFUSED, Standing.SETTLED, "the cashier told: not paid")


@check
def told_held(journal: Journal, sale: str) -> Finding:
    """The till's last word is that the money is held, not collected: never paid."""
    facts = SaleFacts(journal, sale)
    holds = facts.standing is Standing.HELD
    return Finding(
        requirement="DC-02.1",
        check="words.told_held",
        holds=holds,
        expected="the cashier told: held, not collected yet",
        observed=facts.said,
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"A hold of {facts.asked} is shown as {facts.said_in_short}",
    )


@check
def not_told_paid(journal: Journal, sale: str) -> Finding:
    """The till may say not paid, held or not known; it does not say paid."""
    facts = SaleFacts(journal, sale)
    paid = facts.outcome is Outcome.ACCEPTED and facts.standing is Standing.SETTLED
    return Finding(
        requirement=requirement_for(Breach.NOT_COLLECTED, journal, sale),
        check="words.not_told_paid",
        holds=not paid,
        expected="any word but paid",
        observed=f"{facts.said}; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if not paid else f"The till says paid while {facts.books}",
        supplementary=requirement_for(Breach.NOT_COLLECTED, journal, sale) == "FD-47",
    )


@check
def never_told_refused_while_charged(journal: Journal, sale: str) -> Finding:
    """At no moment was the cashier told "not paid" of a sale that ended captured or held by the same attempt.

    A later attempt may rightly pay what an earlier one did not, so only words after the last card count.
    """
    facts = SaleFacts(journal, sale)
    last_tap = max((e.n for e in facts.mine if e.kind == "control" and e.data.get("what") == "tap"), default=0)
    wrong = [e for e in _words(facts) if e.n > last_tap and _says_refused(e)]
    charged = bool(facts.captured or facts.capturable) and not facts.refunded
    holds = not (wrong and charged)
    words = str(wrong[0].data["words"])[:120] if wrong else ""
    return Finding(
        requirement=requirement_for(Breach.CHARGED, journal, sale),
        check="words.never_told_refused_while_charged",
        holds=holds,
        expected="the cashier told “paid” or “not known yet”",
        observed=f"the cashier was told “{words}”; {facts.books}" if wrong else facts.said,
        evidence=(*(e.n for e in wrong[:1]), facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The till says “{words}” while {facts.books}",
    )


@check
def no_decline_without_a_card(journal: Journal, sale: str, requirement: str = "FD-76") -> Finding:
    """As long as no card was presented no bank was asked, so nobody is told that a card was declined."""
    facts = SaleFacts(journal, sale)
    tap = next((e.n for e in facts.mine if e.kind == "control" and e.data.get("what") == "tap"), journal.last_n + 1)
    said = [e for e in facts.mine if e.kind == "screen" and e.n < tap]
    wrong = [e for e in said if _DECLINED.search(str(e.data.get("words") or ""))]
    told = str(wrong[0].data["words"])[:120] if wrong else f"{len(said)} answer(s), none of a decline"
    return Finding(
        requirement=requirement,
        check="words.no_decline_without_a_card",
        holds=not wrong if said else None,
        expected="no word of a declined card before one was presented",
        observed=f"the cashier was told “{told}”" if wrong else told,
        evidence=tuple(e.n for e in (wrong or said)[:3]),
        sale=sale,
        headline="The cashier is told of a declined card that nobody presented" if wrong else None,
    )


def _told(journal: Journal, sale: str, check: str, outcome: Outcome, standing: Standing, expected: str) -> Finding:
    facts = SaleFacts(journal, sale)
    holds = facts.outcome is outcome and facts.standing is standing
    return Finding(
        requirement=_line(facts, outcome),
        check=check,
        holds=holds,
        expected=expected,
        observed=f"{facts.said}; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The till says {facts.said_in_short} while {facts.books}",
    )


def _line(facts: SaleFacts, expected: Outcome) -> str:
    breach = Breach.UNRESOLVED
    if expected is Outcome.ACCEPTED and facts.outcome is Outcome.REFUSED:
        breach = Breach.CHARGED
    if expected is Outcome.REFUSED and facts.outcome is Outcome.ACCEPTED:
        breach = Breach.NOT_COLLECTED
    return requirement_for(breach, facts.journal, facts.sale)


def _words(facts: SaleFacts) -> list[Entry]:
    return [e for e in facts.mine if e.kind == "screen" and e.data.get("of_sale")]


def _says_refused(entry: Entry) -> bool:
    return bool(entry.data["outcome"] == Outcome.REFUSED.value and entry.data["standing"] == Standing.SETTLED.value)


@check
def found_by_hand(journal: Journal, sale: str, requirement: str = "EX-04") -> Finding:
    """Asked by hand, the till says what Stripe's books say: paid, where the money was collected."""
    facts, name = SaleFacts(journal, sale), "words.found_by_hand"
    asked = [e.n for e in facts.mine if e.kind == "intent" and e.data["verb"] == "check_status"]
    if not asked or facts.captured != facts.owed:
        return Finding(requirement, name, None, "a sale collected elsewhere, and a question", facts.books, sale=sale)
    said = [e for e in facts.mine if e.kind == "screen" and e.n > asked[-1]]
    told = [e for e in said if e.data["verb"] == "check_status" or e.data.get("of_sale")]
    holds = any(e.data["outcome"] == Outcome.ACCEPTED.value for e in told)
    return Finding(
        requirement=requirement,
        check=name,
        holds=holds,
        expected="the cashier told: paid",
        observed=f"{facts.said}; {facts.books}",
        evidence=(asked[-1], *(e.n for e in told[-1:]), facts.ledger.n),
        sale=sale,
        headline=None if holds else f"Asked by hand, the till says {facts.said_in_short} while {facts.books}",
    )


@check
def explained(journal: Journal, sale: str, requirement: str = "FD-82") -> Finding:
    """What went wrong reaches the cashier with words, a reference for support, and a next step."""
    facts = SaleFacts(journal, sale)
    said = {name: str(facts.word.data.get(name) or "").strip() for name in ("words", "support_reference", "next_step")}
    blank = [name.replace("_", " ") for name, text in said.items() if not text]
    return Finding(
        requirement=requirement,
        check="words.explained",
        holds=not blank,
        expected="words, a reference and a next step",
        observed=f"without {', '.join(blank)}: {facts.said}" if blank else facts.said,
        evidence=(facts.word.n,),
        sale=sale,
        headline=f"The cashier is told of the trouble without {' and '.join(blank)}" if blank else None,
    )
