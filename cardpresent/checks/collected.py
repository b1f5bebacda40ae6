"""Cards that are read first and charged afterwards: through the reader, and before they are forgotten."""

from typing import Final

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding

# Documented: https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven
KEPT_MS: Final = 30_000.0
ENDS: Final = ("reader.confirm_payment_intent", "reader.cancel_action", "payment_intent.cancel")


@check
def ended_in_time(journal: Journal, sale: str, requirement: str = "EX-10") -> Finding:
    """A card that was read is confirmed or let go within the thirty seconds for which Stripe keeps it."""
    name, expected = "collected.ended_in_time", "the card that was read confirmed or let go within 30 s"
    reads = journal.till_requests("reader.collect_payment_method")
    taps = [e for e in journal.controls("tap") if e.sale == sale and any(r.n < e.n for r in reads)]
    if not taps:
        return Finding(requirement, name, None, expected, "no card was read before it was charged", sale=sale)
    read = taps[-1]
    over = next((e.n for e in journal.controls("half_a_minute") if e.n > read.n), journal.last_n + 1)
    ends = [e for e in journal.till_requests(*ENDS) if read.n < e.n < over and e.begin_ms - read.begin_ms <= KEPT_MS]
    return Finding(
        requirement=requirement,
        check=name,
        holds=bool(ends),
        expected=expected,
        observed=f"{ends[0].data['operation']} after {(ends[0].begin_ms - read.begin_ms) / 1000:.1f} s"
        if ends
        else "neither",
        evidence=(read.n, *(e.n for e in ends[:1])),
        sale=sale,
        headline=None if ends else "A card that was read is left to be forgotten: nobody is charged, nobody is told",
    )


@check
def never_confirmed_by_server(journal: Journal, sale: str, requirement: str = "EX-13") -> Finding:
    """No payment of a card that is present is confirmed by a plain call: that would go past the reader and its PIN."""
    name, facts = "collected.never_confirmed_by_server", SaleFacts(journal, sale)
    present = {str(p["id"]) for p in facts.intents if _in_person(p.get("payment_method_types") or ())}
    expected = "the payment confirmed through Terminal"
    if not present:
        return Finding(requirement, name, None, expected, "no payment in person", facts.evidence, sale)
    plain = [e for e in journal.till_requests("payment_intent.confirm") if e.data["object"] in present]
    return Finding(
        requirement=requirement,
        check=name,
        holds=not plain,
        expected=expected,
        observed=f"{len(plain)} plain confirm call(s) by the server" if plain else "no plain confirm call",
        evidence=(*(e.n for e in plain[:3]), *facts.evidence),
        sale=sale,
        headline="A server confirms the payment past the reader: no PIN is asked for" if plain else None,
    )


def _in_person(types: object) -> bool:
    return isinstance(types, list | tuple) and any(str(kind).endswith("_present") for kind in types)
