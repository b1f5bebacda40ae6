"""What the end of the day, and the days after it, must leave behind."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
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
def difference_named(journal: Journal, sale: str, requirement: str = "DC-04.1") -> Finding:
    """What somebody changed at Stripe behind the till's back is named by the closing, by the sale or its payment.

    A till that had written it down before the day was closed had no difference left to name.
    """
    check, facts = "day.difference_named", SaleFacts(journal, sale)
    said = _closings(journal)
    if not said:
        return Finding(requirement, check, None, "a closing that says what differs", "it does not say", sale=sale)
    named = str(said[-1].data["differences"])
    ids = [sale, *(str(thing["id"]) for thing in (*facts.intents, *facts.charges, *facts.refunds))]
    found = [i for i in ids if i in named]
    holds = bool(found) or _written_down_before(facts, said[-1].n)
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="the sale, its payment or its refund named by the closing",
        observed=f"{', '.join(found)} named" if found else f"the closing names {named[:120] or 'nothing'}",
        evidence=(said[-1].n, facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The closing has no word on a sale that Stripe has otherwise: {facts.books}",
    )


def _closings(journal: Journal) -> list[Entry]:
    said = [e for e in journal.kind("screen") if e.data["verb"] == "end_of_day"]
    return [e for e in said if e.data.get("differences") is not None]


def _written_down_before(facts: SaleFacts, closing_n: int) -> bool:
    words = [e for e in facts.mine if e.kind == "screen" and e.data.get("of_sale") and e.n < closing_n]
    record = (words[-1].data.get("record") or {}) if words else {}
    refunded, paid = record.get("refunded"), record.get("paid")
    return bool(facts.refunded) and refunded == facts.refunded.minor_units and paid == facts.captured.minor_units


@check
def no_difference_named(journal: Journal, sale: str, requirement: str = "DC-04.1") -> Finding:
    """A sale on which till and Stripe agree is not named as a difference."""
    check = "day.no_difference_named"
    said = _closings(journal)
    if not said:
        return Finding(requirement, check, None, "a closing that says what differs", "it does not say", sale=sale)
    holds = sale not in str(said[-1].data["differences"])
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="no difference for a sale on which both agree",
        observed="not named" if holds else "named as a difference",
        evidence=(said[-1].n,),
        sale=sale,
        headline=None if holds else "The closing calls a sale different on which till and Stripe agree",
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
