"""Refunds that end otherwise than they began."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


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
