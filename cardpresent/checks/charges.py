"""What the customer was charged, held and given back, from the books at Stripe."""

from dataclasses import replace

from cardpresent.checks.catalogue import check
from cardpresent.checks.cause import Breach, requirement_for
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing


@check
def charged_total(journal: Journal, sale: str, expected: Money) -> Finding:
    """Exactly `expected` was captured for the sale, whatever number of requests it took."""
    facts = SaleFacts(journal, sale)
    breach = Breach.OVERCHARGED if facts.captured > expected else Breach.NOT_COLLECTED
    if facts.captured and facts.captured < expected:
        breach = Breach.SHORT
    holds = facts.captured == expected
    return Finding(
        requirement=requirement_for(breach, journal, sale),
        check="charges.charged_total",
        holds=holds,
        expected=f"{expected} charged",
        observed=facts.books,
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The customer is charged {facts.captured}, where {expected} is right",
    )


@check
def charged_balance(journal: Journal, sale: str) -> Finding:
    """Exactly what the sale still owed was captured: its total, less what the till took in another tender."""
    return replace(charged_total(journal, sale, SaleFacts(journal, sale).owed), check="charges.charged_balance")


@check
def held_total(journal: Journal, sale: str, expected: Money) -> Finding:
    """Exactly `expected` is held on the card and not yet captured."""
    facts = SaleFacts(journal, sale)
    holds = facts.capturable == expected and (not expected or not facts.captured)
    breach = Breach.HELD if facts.capturable > expected else Breach.LAPSED
    return Finding(
        requirement="DC-02.1" if facts.captured else requirement_for(breach, journal, sale),
        check="charges.held_total",
        holds=holds,
        expected=f"{expected} held",
        observed=facts.books,
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"{facts.capturable} is held on the card, where {expected} is right",
    )


@check
def refunded_total(journal: Journal, sale: str, expected: Money) -> Finding:
    """Exactly `expected` went back, or is on its way back, to the customer."""
    facts = SaleFacts(journal, sale)
    holds = facts.refunded == expected
    return Finding(
        requirement=_refund_line(facts.refunded, expected),
        check="charges.refunded_total",
        holds=holds,
        expected=f"{expected} refunded",
        observed=f"{facts.refunded} in {len(facts.refunds)} refund(s)",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The customer is given back {facts.refunded}, where {expected} is right",
    )


def _refund_line(refunded: Money, expected: Money) -> str:
    """Which line a wrong sum of refunds breaks: decimals a currency has not, a cent lost on the way, or the refund."""
    if refunded and _by_exponent(refunded, expected):
        return "FD-05"
    if refunded and abs(refunded.minor_units - expected.minor_units) == 1:
        return "FD-06"
    return "FD-49" if refunded > expected else "FD-50"


@check
def amount_at_stripe(journal: Journal, sale: str) -> Finding:
    """The amount authorized is the amount on the till, to the last minor unit."""
    facts = SaleFacts(journal, sale)
    # One that was cancelled asks nothing of any card any more: a changed sale may well be asked for anew.
    asking = [p for p in facts.intents if p["status"] != "canceled"] or facts.intents
    seen = [Money(int(p["amount"]), str(p.get("currency") or facts.currency)) for p in asking]
    holds = True if seen and all(amount == facts.owed for amount in seen) else False if seen else None
    requirement = "FD-05" if any(_by_exponent(amount, facts.owed) for amount in seen) else "FD-06"
    return Finding(
        requirement=requirement,
        check="charges.amount_at_stripe",
        holds=holds,
        expected=f"{facts.owed} asked of the card",
        observed=", ".join(map(str, seen)) or "no PaymentIntent of the sale",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The till asks the card for {', '.join(map(str, seen))} instead of {facts.owed}",
    )


@check
def counted_once(journal: Journal, sale: str, requirement: str = "EX-19") -> Finding:
    """A payment that carries a failed charge beside the good one is one payment of one amount, also at the till.

    Documented: https://docs.stripe.com/terminal/payments/regional ("Strong Customer Authentication"): two charges.
    """
    facts, check = SaleFacts(journal, sale), "charges.counted_once"
    tried = facts.ledger.data["charges"]
    if len(tried) < 2 or not any(c["status"] == "failed" for c in tried):
        return Finding(requirement, check, None, "a charge that failed before the good one", "none seen", sale=sale)
    booked = (facts.record or {}).get("paid")
    told = facts.outcome is Outcome.ACCEPTED and facts.standing is Standing.SETTLED
    right = booked is None or facts.money(int(booked)) == facts.owed
    books = f"; {facts.money(int(booked))} in the till's books" if booked is not None else ""
    holds = told and right and facts.captured == facts.owed
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"paid once: {facts.owed}",
        observed=f"{facts.said}; {facts.books}{books}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "A tap that was refused until the PIN came is counted beside the payment",
    )


def _by_exponent(amount: Money, right: Money) -> bool:
    """Is the amount wrong by a power of ten, as when a currency is given decimals that it has not?"""
    return amount != right and any(amount.minor_units * by == right.minor_units * to for by, to in _POWERS)


_POWERS = tuple((by, to) for power in (10, 100, 1000) for by, to in ((1, power), (power, 1)))


@check
def nothing_charged_for_goods_elsewhere(journal: Journal, sale: str, other: str) -> Finding:
    """The payment of `other` did not pay for `sale`: each has a PaymentIntent of its own, at Stripe and at the till."""
    facts, others = SaleFacts(journal, sale), SaleFacts(journal, other)
    shared = facts.named & others.named
    return Finding(
        requirement="FD-16",
        check="charges.nothing_charged_for_goods_elsewhere",
        holds=not shared,
        expected="a PaymentIntent of its own for each sale",
        observed=f"shared: {', '.join(sorted(shared))}" if shared else "none shared",
        evidence=(facts.ledger.n, others.ledger.n),
        sale=sale,
    )
