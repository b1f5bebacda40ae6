"""Tips as the till answers for them and as its books keep them."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


@check
def answered(journal: Journal, sale: str, outcome: str, requirement: str = "FD-45") -> Finding:
    """The till accepted, or refused, the tip that was written on the receipt.

    The limit is documented, which answer a capture above it gets is not: the till's word is judged, no error code.
    https://docs.stripe.com/terminal/features/collecting-tips/on-receipt ("Limits").
    """
    said = [e for e in journal.kind("screen", sale) if e.data["verb"] == "tip_on_receipt"]
    if not said:
        return Finding(requirement, "tips.answered", None, f"the tip {outcome}", "the cashier never asked", sale=sale)
    holds = said[-1].data["outcome"] == outcome
    words = str(said[-1].data.get("words") or "")[:120]
    return Finding(
        requirement=requirement,
        check="tips.answered",
        holds=holds,
        expected=f"the tip {outcome}",
        observed=f"{said[-1].data['outcome']} “{words}”",
        evidence=(said[-1].n,),
        sale=sale,
        headline=None if holds else f"A tip that is to be {outcome} is {said[-1].data['outcome']}",
    )


@check
def in_books(journal: Journal, sale: str, tip: Money) -> Finding | None:
    """The till's own record names the tip. None where the till keeps no record of tips."""
    facts = SaleFacts(journal, sale)
    if facts.record is None or facts.record.get("tip") is None:
        return None
    kept = facts.money(int(facts.record["tip"]))
    holds = kept == tip
    return Finding(
        requirement="FD-43" if kept < tip else "FD-44",
        check="tips.in_books",
        holds=holds,
        expected=f"a tip of {tip} in the till's books",
        observed=f"a tip of {kept}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"A tip of {tip} stands as {kept} in the till's books",
    )


@check
def refunded_by_rule(journal: Journal, sale: str, requirement: str = "FD-48") -> Finding | None:
    """What part of a refund was tip is what the shop's own rule makes of it. None where the books do not say.

    In proportion one smallest unit more or less is rounding, and no fault.
    """
    facts = SaleFacts(journal, sale)
    record = facts.record or {}
    rule, kept = record.get("tip_rule"), record.get("tip_refunded")
    if rule is None or kept is None:
        return None
    due, told = _tip_due(str(rule), facts), facts.money(int(kept))
    slack = 1 if rule == "in_proportion" else 0
    holds = abs(int(kept) - due.minor_units) <= slack
    return Finding(
        requirement=requirement,
        check="tips.refunded_by_rule",
        holds=holds,
        expected=f"{due} of {facts.refunded} refunded to be tip ({str(rule).replace('_', ' ')})",
        observed=f"{told} in the till's books",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"Of {facts.refunded} refunded the books call {told} tip, not {due}",
    )


def _tip_due(rule: str, facts: SaleFacts) -> Money:
    refunded, tip = facts.refunded.minor_units, facts.tip.minor_units
    goods = facts.captured.minor_units - tip
    parts = {
        "first": min(refunded, tip),
        "last": max(0, refunded - goods),
        "in_proportion": round(refunded * tip / max(1, goods + tip)),
        "kept": 0,
    }
    return facts.money(parts[rule])
