"""Networks that take the money when they approve: Interac and eftpos. There is nothing left to capture.

Documented: https://docs.stripe.com/terminal/payments/regional ("Interac payments", "eftpos payments").
"""

from typing import Any, Final

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding

NETWORKS: Final = frozenset({"interac", "eftpos_au"})


@check
def collected_at_once(journal: Journal, sale: str, requirement: str = "EX-17") -> Finding:
    """A debit card that its bank approves is not turned away by how the till asked for it.

    Forced into separate capture, or not named as an allowed type, the card is declined before its bank is asked.
    """
    facts, check = SaleFacts(journal, sale), "debit.collected_at_once"
    presented = _on_network(facts)
    if not presented:
        return Finding(requirement, check, None, "a card of a network that collects at once", "none seen", sale=sale)
    taken = [c for c in presented if c["status"] == "succeeded"]
    ways = ", ".join(sorted({str(p["capture_method"]) for p in facts.intents if p.get("capture_method")}))
    observed = f"declined, {presented[-1].get('failure_code')}; capture asked for: {ways or 'unknown'}"
    return Finding(
        requirement=requirement,
        check=check,
        holds=bool(taken),
        expected="the card taken and its money collected at once",
        observed=facts.books if taken else observed,
        evidence=facts.evidence,
        sale=sale,
        headline=None if taken else "A good debit card is declined because the till asks for a separate capture",
    )


@check
def not_captured_again(journal: Journal, sale: str, requirement: str = "FD-23") -> Finding:
    """What was collected at once is never asked for a second time, whatever brand stands on the card.

    Documented: https://docs.stripe.com/terminal/payments/regional: capturing an Interac payment is an error.
    """
    facts, check = SaleFacts(journal, sale), "debit.not_captured_again"
    paid = {c["payment_intent"] for c in _on_network(facts) if c["status"] == "succeeded"}
    if not paid:
        return Finding(requirement, check, None, "a payment that was collected at once", "none seen", sale=sale)
    again = [e for e in journal.till_requests("payment_intent.capture") if e.data.get("object") in paid]
    return Finding(
        requirement=requirement,
        check=check,
        holds=not again,
        expected="no capture of a payment that is collected already",
        observed=f"{len(again)} capture call(s); {facts.books}" if again else f"no capture call; {facts.books}",
        evidence=(*(e.n for e in again[:3]), facts.ledger.n),
        sale=sale,
        headline="A debit payment that is collected already is captured once more" if again else None,
    )


def _on_network(facts: SaleFacts) -> list[dict[str, Any]]:
    """Every charge of the sale, declined ones too, on a network that collects at once."""
    return [c for c in facts.ledger.data["charges"] if _network(c) in NETWORKS]


def _network(charge: dict[str, Any]) -> str | None:
    details = charge["payment_method_details"] or {}
    card = details.get(str(details.get("type"))) or {}
    network = card.get("network")
    return "interac" if details.get("type") == "interac_present" else network
