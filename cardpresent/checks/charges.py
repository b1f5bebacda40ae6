"""What the customer was charged, held and given back, from the books at Stripe."""

from dataclasses import replace

from cardpresent.checks.catalogue import check
from cardpresent.checks.cause import Breach, requirement_for
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


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
        requirement="FD-49" if facts.refunded > expected else "FD-50",
        check="charges.refunded_total",
        holds=holds,
        expected=f"{expected} refunded",
        observed=f"{facts.refunded} in {len(facts.refunds)} refund(s)",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else f"The customer is given back {facts.refunded}, where {expected} is right",
    )


@check
def amount_at_stripe(journal: Journal, sale: str) -> Finding:
    """The amount authorized is the amount on the till, to the last minor unit."""
    facts = SaleFacts(journal, sale)
    seen = [facts.money(int(p["amount"])) for p in facts.intents]
    holds = True if seen and all(amount == facts.owed for amount in seen) else False if seen else None
    requirement = "FD-05" if seen and any(a.minor_units in _off_by_exponent(facts.owed) for a in seen) else "FD-06"
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


def _off_by_exponent(amount: Money) -> set[int]:
    return {amount.minor_units * 100, amount.minor_units // 100, amount.minor_units * 10, amount.minor_units // 10}


@check
def nothing_charged_for_goods_elsewhere(journal: Journal, sale: str, other: str) -> Finding:
    """The payment of `other` did not pay for `sale`: each has a PaymentIntent of its own."""
    facts, others = SaleFacts(journal, sale), SaleFacts(journal, other)
    shared = {p["id"] for p in facts.intents} & {p["id"] for p in others.intents}
    return Finding(
        requirement="FD-16",
        check="charges.nothing_charged_for_goods_elsewhere",
        holds=not shared,
        expected="a PaymentIntent of its own for each sale",
        observed=f"shared: {', '.join(sorted(shared))}" if shared else "none shared",
        evidence=(facts.ledger.n, others.ledger.n),
        sale=sale,
    )
