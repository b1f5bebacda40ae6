"""Refunds that end otherwise than they began, or that go by another way than the payment's brand suggests."""

from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import MOVING, SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome


@check
def failed_refund_not_counted(journal: Journal, sale: str, requirement: str = "FD-52") -> Finding:
    """A refund that failed at Stripe after it had succeeded is out of the till's books, too.

    Documented: https://docs.stripe.com/refunds ("Failed refunds"): a failure can come up to 30 days later.
    """
    facts = SaleFacts(journal, sale)
    failed = [r for r in facts.refunds if r["status"] == "failed"]
    kept = (facts.record or {}).get("refunded")
    if not failed or kept is None:
        why = "no refund failed at Stripe" if not failed else "the till keeps no record of refunds"
        return Finding(requirement, "refunds.failed_refund_not_counted", None, "a failed refund", why, sale=sale)
    holds = int(kept) == facts.refunded.minor_units
    return Finding(
        requirement=requirement,
        check="refunds.failed_refund_not_counted",
        holds=holds,
        expected=f"{facts.refunded} refunded in the till's books",
        observed=f"{facts.money(int(kept))} refunded in the till's books",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "The customer was told of a refund that the bank sent back",
    )


@check
def given_back_at_the_reader(journal: Journal, sale: str, expected: Money, requirement: str = "EX-18") -> Finding:
    """An Interac payment came back to the card that paid it: exactly `expected`, however many tries it took.

    Documented: https://docs.stripe.com/terminal/features/refunds ("Interac refunds"): only in person, at the reader.
    """
    facts, check = SaleFacts(journal, sale), "refunds.given_back_at_the_reader"
    if not _interac(facts):
        return Finding(requirement, check, None, "an Interac payment", "none was made", sale=sale)
    plain = journal.till_requests("refund.create")
    holds = facts.refunded == expected
    observed = f"{facts.refunded} in {len(facts.refunds)} refund(s)"
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"{expected} given back to the card at the reader",
        observed=f"{observed}; the till asked Stripe for a refund without the card" if plain else observed,
        evidence=(*(e.n for e in plain[:2]), *facts.evidence),
        sale=sale,
        headline=None if holds else f"The Interac card gets {facts.refunded} back, where {expected} is right",
    )


@check
def unfinished_not_counted(journal: Journal, sale: str, requirement: str = "FD-51") -> Finding:
    """A refund that the reader did not complete is told and booked as not made."""
    facts, check = SaleFacts(journal, sale), "refunds.unfinished_not_counted"
    told = [e for e in journal.kind("screen", sale) if e.data.get("refund")]
    if not told or not _interac(facts):
        why = "no refund was asked for" if not told else "no Interac payment was made"
        return Finding(requirement, check, None, "a refund of an Interac payment", why, sale=sale)
    accepted = told[-1].data["outcome"] == Outcome.ACCEPTED.value
    booked = int((facts.record or {}).get("refunded") or 0)
    holds = not facts.refunded and not accepted and not booked
    observed = f"told: {told[-1].data['outcome']}; {facts.money(booked)} booked; {facts.refunded} at Stripe"
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="told that nothing was given back, and nothing booked",
        observed=observed,
        evidence=(told[-1].n, *facts.evidence),
        sale=sale,
        headline=None if holds else "The till counts a refund that the reader never made: the customer has no money",
    )


@check
def from_the_charge_that_succeeded(journal: Journal, sale: str, expected: Money, requirement: str = "EX-19") -> Finding:
    """Of the several charges a payment may carry, the one that took the money gives it back.

    Documented: https://docs.stripe.com/terminal/payments/regional ("Strong Customer Authentication"): two charges.
    """
    facts, check = SaleFacts(journal, sale), "refunds.from_the_charge_that_succeeded"
    if len(facts.ledger.data["charges"]) < 2 or not facts.captures:
        return Finding(requirement, check, None, "a payment with a charge that failed before", "none seen", sale=sale)
    good = {c["id"] for c in facts.captures}
    moved = sum(int(r["amount"]) for r in facts.refunds if r["status"] in MOVING and r.get("charge") in good)
    holds = facts.money(moved) == expected
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"{expected} given back from the charge that succeeded",
        observed=f"{facts.money(moved)} from it, in {len(facts.refunds)} refund(s)",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "The refund goes to a charge that never took money: the customer gets nothing back",
    )


def _interac(facts: SaleFacts) -> list[dict[str, Any]]:
    return [c for c in facts.captures if (c["payment_method_details"] or {}).get("type") == "interac_present"]


@check
def offered(journal: Journal, sale: str, expected: Money) -> Finding | None:
    """The till offers to give back what was captured and is not refunded. None where it shows no such sum.

    What a declined try asked for was never money received: an offer that counts it breaks FD-13, any other FD-50.
    """
    facts = SaleFacts(journal, sale)
    shown = (facts.record or {}).get("refundable")
    if shown is None:
        return None
    offer = facts.money(int(shown))
    declined = any(charge["status"] == "failed" for charge in facts.ledger.data["charges"])
    holds = offer == expected
    return Finding(
        requirement="FD-13" if declined else "FD-50",
        check="refunds.offered",
        holds=holds,
        expected=f"{expected} offered to be refunded",
        observed=f"{offer} offered; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The till offers to refund {offer}, where {expected} is left",
    )
