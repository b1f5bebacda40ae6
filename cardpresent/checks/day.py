"""What the end of the day, and the days after it, must leave behind."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing


@check
def nothing_left_open(journal: Journal, sale: str, requirement: str = "DC-04.2") -> Finding:
    """After the day was closed no payment of an unfinished sale can still take the customer's money."""
    facts = SaleFacts(journal, sale)
    holds = not facts.live and not facts.on_reader
    return Finding(
        requirement=requirement,
        check="day.nothing_left_open",
        holds=holds,
        expected="no payment of the sale that could still be taken",
        observed=", ".join(f"{p['id']} {p['status']}" for p in facts.live) or "none",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "The day is closed, and a payment nobody finished stays open at Stripe",
    )


@check
def closed(journal: Journal, requirement: str = "DC-04.1") -> Finding:
    """The till answered the end of the day with yes, where nothing stood in its way."""
    said = [e for e in journal.kind("screen") if e.data["verb"] == "end_of_day"]
    if not said:
        return Finding(requirement, "day.closed", None, "an answer to the end of the day", "the cashier never asked")
    holds = said[-1].data["outcome"] == Outcome.ACCEPTED.value
    return Finding(
        requirement=requirement,
        check="day.closed",
        holds=holds,
        expected="the day closed",
        observed=f"{said[-1].data['outcome']} “{str(said[-1].data.get('words') or '')[:120]}”",
        evidence=(said[-1].n,),
        headline=None if holds else "The day cannot be closed although every sale agrees with Stripe",
    )


@check
def lapsed_hold_not_counted(journal: Journal, sale: str, requirement: str = "FD-09") -> Finding:
    """A hold that Stripe let go is neither held nor paid on the till.

    Documented: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method (the PaymentIntent is canceled).
    """
    facts = SaleFacts(journal, sale)
    if facts.capturable:
        return Finding(requirement, "day.lapsed_hold_not_counted", None, "a hold that lapsed", facts.books, sale=sale)
    counts = facts.standing is Standing.HELD or facts.outcome is Outcome.ACCEPTED
    return Finding(
        requirement=requirement,
        check="day.lapsed_hold_not_counted",
        holds=not counts,
        expected="the sale shown as neither held nor paid",
        observed=f"{facts.said}; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=f"The till counts on {facts.owed} that the bank let go" if counts else None,
    )
