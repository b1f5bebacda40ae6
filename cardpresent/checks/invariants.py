"""What holds after every scenario and every load run, whatever was done to the till (I1 to I7).

Each invariant has two forms. *Word*: the till's last answer to the cashier is held against the books at Stripe.
*Books*: the till's own record is, too, where it offers one. Money is judged from the books, never from requests.
"""

from cardpresent.checks.catalogue import check
from cardpresent.checks.cause import Breach, requirement_for, stimuli
from cardpresent.checks.facts import NothingSeen, SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

HEADLINES = {
    Breach.OVERCHARGED: "The customer is charged {captured} for a sale of {owed}",
    Breach.SHORT: "The till says paid, but only {captured} of {owed} is collected",
    Breach.NOT_COLLECTED: "The till says paid, but {owed} is never collected",
    Breach.CHARGED: "The till says not paid while {captured} is taken from the customer's card",
    Breach.HELD: "The till says not paid while {capturable} is held on the customer's card",
    Breach.COLLECTING: "The till is done with the sale, but the reader still asks for a card",
    Breach.SEVERAL_LIVE: "One sale of {owed} has more than one live payment",
    Breach.UNRESOLVED: "The till never learns what became of {owed}",
    Breach.LAPSED: "The till counts on {owed} that is no longer held",
    Breach.STRANDED: "{owed} taken offline is still stored although the network is back",
    Breach.NEWS_MISSED: "The till still calls {owed} stored, and Stripe has had it long ago",
}


def _finding(facts: SaleFacts, check: str, breach: Breach | None, expected: str, observed: str) -> Finding:
    breached = breach or Breach.NOT_COLLECTED
    requirement = requirement_for(breached, facts.journal, facts.sale) if breach else "FD-03"
    headline = None
    if breach:
        headline = HEADLINES[breach].format(
            captured=facts.captured, capturable=facts.capturable, owed=facts.owed, asked=facts.asked
        )
    return Finding(
        requirement=requirement,
        check=check,
        holds=breach is None,
        expected=expected,
        observed=observed,
        evidence=facts.evidence,
        sale=facts.sale,
        headline=headline,
        supplementary=requirement == "FD-47",
    )


@check
def captured_as_told(journal: Journal, sale: str) -> Finding:
    """I1 and I2, word form: what was captured is what the till says was paid, or nothing."""
    facts = SaleFacts(journal, sale)
    breach, expected = _word_against_books(facts)
    return _finding(facts, "invariants.captured_as_told", breach, expected, f"{facts.said}; {facts.books}")


def _word_against_books(facts: SaleFacts) -> tuple[Breach | None, str]:
    if facts.captured > facts.owed:
        return Breach.OVERCHARGED, f"at most {facts.owed} captured"
    if facts.standing is not Standing.SETTLED:
        return _UNSETTLED[facts.standing](facts)
    if facts.outcome is Outcome.ACCEPTED:
        return _accepted(facts)
    if facts.outcome is Outcome.REFUSED:
        return _refused(facts)
    if facts.contradicted:
        return None, "no word that calls the sale paid"
    return Breach.UNRESOLVED, "a final word on the sale within the till's own bound"


def _collecting(facts: SaleFacts) -> tuple[Breach | None, str]:
    waiting = facts.on_reader and not facts.captured
    return (None if waiting else Breach.UNRESOLVED), "a reader that is asking for a card, or a final word"


def _held(facts: SaleFacts) -> tuple[Breach | None, str]:
    expected = f"{facts.owed} held on the card and nothing captured"
    if facts.captured:
        return Breach.CHARGED, expected
    # A hold for less than was asked is the till's to show as unresolved, and it does: it says held, not paid.
    return (None if facts.capturable else Breach.LAPSED), expected


def _stored(facts: SaleFacts) -> tuple[Breach | None, str]:
    expected = "a payment that waits for the network"
    # Without a network nobody at the till can know what became of a call whose answer was lost.
    if facts.offline:
        return None, expected
    return (Breach.NEWS_MISSED if facts.captured or facts.capturable else Breach.STRANDED), expected


_UNSETTLED = {Standing.COLLECTING: _collecting, Standing.HELD: _held, Standing.STORED: _stored}


def _accepted(facts: SaleFacts) -> tuple[Breach | None, str]:
    expected = f"{facts.owed} captured"
    if not facts.captured:
        return Breach.NOT_COLLECTED, expected
    if facts.captured < facts.owed:
        return Breach.SHORT, expected
    return None, expected


def _refused(facts: SaleFacts) -> tuple[Breach | None, str]:
    expected = "nothing captured, nothing held, no reader asking for a card"
    if facts.captured - facts.refunded:
        return Breach.CHARGED, expected
    if facts.capturable:
        return Breach.HELD, expected
    return (Breach.COLLECTING if facts.on_reader else None), expected


@check
def reader_released(journal: Journal, sale: str) -> Finding:
    """I3: no reader goes on collecting for a sale that is over."""
    facts = SaleFacts(journal, sale)
    over = facts.standing is Standing.SETTLED and facts.outcome is not Outcome.UNKNOWN
    breach = Breach.COLLECTING if over and facts.on_reader else None
    observed = "the reader still asking for a card" if facts.on_reader else "the reader at rest"
    return _finding(facts, "invariants.reader_released", breach, "a reader at rest once the sale is over", observed)


@check
def reader_at_rest(journal: Journal, sale: str) -> Finding:
    """The reader asks nobody to pay for the sale, whatever the till says of it."""
    facts = SaleFacts(journal, sale)
    breach = Breach.COLLECTING if facts.on_reader else None
    observed = "the reader still asking for a card" if facts.on_reader else "the reader at rest"
    return _finding(facts, "invariants.reader_at_rest", breach, "a reader at rest", observed)


@check
def one_live_payment(journal: Journal, sale: str) -> Finding:
    """I5: a sale has at most one live PaymentIntent, and none beside a captured one."""
    facts = SaleFacts(journal, sale)
    several = len(facts.live) + len({c["payment_intent"] for c in facts.captures}) > 1
    observed = ", ".join(f"{p['id']} {p['status']}" for p in facts.intents) or "no PaymentIntent"
    breach = Breach.SEVERAL_LIVE if several else None
    return _finding(facts, "invariants.one_live_payment", breach, "at most one live PaymentIntent", observed)


@check
def till_books_agree(journal: Journal, sale: str) -> Finding | None:
    """I1, I2 and I4, books form: the till's own record against Stripe's. None where the till offers no record."""
    facts = SaleFacts(journal, sale)
    if facts.record is None:
        return None
    paid = facts.record.get("paid")
    refunded = facts.record.get("refunded")
    if facts.reversed and int(paid or 0) == int(refunded or 0):
        # Whether it books the payment and its return or neither, it keeps nothing, and so it is.
        return _books_finding(facts, "DC-04.1", f"the books of Stripe: {facts.books}", "nothing kept", holds=True)
    if paid is not None and int(paid) != facts.captured.minor_units and facts.standing is Standing.SETTLED:
        more = int(paid) > facts.captured.minor_units
        requirement = _books_line(facts, more)
        return _books_finding(facts, requirement, f"paid {facts.captured}", f"paid {facts.money(int(paid))}")
    # What the till says that it does not know yet need not stand in its books.
    missing = facts.refunded.minor_units - int(refunded) if refunded is not None else 0
    if not 0 <= missing <= _refunds_told(facts)[1]:
        observed = f"refunded {facts.money(int(refunded or 0))}"
        return _books_finding(facts, _refund_line(facts), f"refunded {facts.refunded}", observed)
    return _books_finding(facts, "DC-04.1", f"the books of Stripe: {facts.books}", "the same", holds=True)


def _books_line(facts: SaleFacts, more: bool) -> str:
    if facts.tip:
        return "FD-44" if more else "FD-43"
    return requirement_for(Breach.NOT_COLLECTED if more else Breach.CHARGED, facts.journal, facts.sale)


def _books_finding(facts: SaleFacts, requirement: str, expected: str, observed: str, *, holds: bool = False) -> Finding:
    headline = None if holds else f"The till's books say {observed}, Stripe's say {expected}"
    return Finding(
        requirement, "invariants.till_books_agree", holds, f"the till's books to say {expected}",
        f"the till's books say {observed}", facts.evidence, facts.sale, headline=headline,
    )  # fmt: skip


@check
def refunds_as_told(journal: Journal, sale: str) -> Finding | None:
    """I4: what was refunded at Stripe is what the till accepted, once each, and never more than was captured.

    A till that undoes the approval of a sale that was given up, and says not paid, has said so of its refund, too.
    """
    facts = SaleFacts(journal, sale)
    accepted, unknown = _refunds_told(facts)
    if facts.reversed:
        accepted = facts.refunded.minor_units
    if not accepted and not unknown and not facts.refunds:
        return None
    least, most = facts.money(accepted), facts.money(accepted + unknown)
    # What failed at the bank later was rightly accepted then; whether the till noticed is another check's business.
    made = facts.refunded + facts.money(sum(int(r["amount"]) for r in facts.refunds if r["status"] == "failed"))
    holds = least <= made <= most and facts.refunded <= facts.captured
    return Finding(
        requirement=_line_of_refunds(facts, made, least, most),
        check="invariants.refunds_as_told",
        holds=holds,
        expected=f"{least} refunded" if least == most else f"{least} to {most} refunded",
        observed=f"{facts.refunded} in {len(facts.refunds)} refund(s)",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The till says {least} was refunded, Stripe's books say {facts.refunded}",
    )


def _refund_line(facts: SaleFacts) -> str:
    """The line that a refund too many, or one that stands in the books only, turns red."""
    seen = stimuli(facts.journal, facts.sale)
    if "answer_overtaken" in seen:
        return "FD-57"
    # Nobody asked for money back: a part of the till undid what another part had done.
    return "FD-10" if facts.refunds and "refund_sale" not in seen else "FD-49"


def _line_of_refunds(facts: SaleFacts, made: Money, least: Money, most: Money) -> str:
    """Which line refunds break that are not what was told. Interac gives money back at the reader only."""
    if made > most:
        return _refund_line(facts)
    if made and least.minor_units - made.minor_units == 1:
        return "FD-06"
    at_reader = any((c["payment_method_details"] or {}).get("type") == "interac_present" for c in facts.captures)
    return "FD-51" if at_reader else "FD-52"


def _refunds_told(facts: SaleFacts) -> tuple[int, int]:
    """Minor units that distinct refunds were accepted for, and that the till could not tell of."""
    asked: dict[str, int] = {}
    told: dict[str, str] = {}
    for entry in facts.mine:
        if entry.kind == "intent" and entry.data["verb"] == "refund_sale":
            asked[str(entry.data["refund"])] = int(entry.data["amount"]["minor_units"])
        elif entry.kind == "screen" and entry.data.get("refund"):
            told[str(entry.data["refund"])] = str(entry.data["outcome"])
    accepted = sum(amount for own, amount in asked.items() if told.get(own) == Outcome.ACCEPTED.value)
    # What the suite gave back at Stripe itself is nobody's word, and rightly there.
    behind = [e for e in facts.mine if e.kind == "control" and e.data.get("what") == "refunded_behind_the_till"]
    accepted += sum(int(e.data["amount"]["minor_units"]) for e in behind)
    unknown = sum(amount for own, amount in asked.items() if told.get(own, "unknown") == Outcome.UNKNOWN.value)
    return accepted, unknown


def judged(journal: Journal, sale: str) -> list[Finding]:
    """All invariants of one sale, judged at quiescence."""
    try:
        facts = SaleFacts(journal, sale)
        if facts.ambiguous:
            return [_undecided(sale, "which PaymentIntent belongs to the sale cannot be told", facts.evidence)]
        findings = [
            captured_as_told(journal, sale),
            reader_released(journal, sale),
            one_live_payment(journal, sale),
            till_books_agree(journal, sale),
            refunds_as_told(journal, sale),
        ]
    except NothingSeen as nothing:
        return [_undecided(sale, str(nothing), ())]
    return [finding for finding in findings if finding is not None]


def _undecided(sale: str, why: str, evidence: tuple[int, ...]) -> Finding:
    return Finding("FD-03", "invariants.judged", None, "books and words of the sale", why, evidence, sale)
