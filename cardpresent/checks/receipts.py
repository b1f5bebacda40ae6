"""What stands on a receipt, held against the charge."""

import re

from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money


def names_the_application(journal: Journal, sale: str, requirement: str = "FD-73") -> Finding:
    """The card application's name and its AID stand on the receipt.

    Documented: https://docs.stripe.com/terminal/features/receipts (application_preferred_name, dedicated_file_name).
    """
    entry, facts = _receipt(journal, sale), SaleFacts(journal, sale)
    details = [(c["payment_method_details"] or {}).get("card_present") or {} for c in facts.captures]
    required = [str((d.get("receipt") or {}).get(k)) for d in details for k in _REQUIRED if d.get("receipt")]
    if entry is None or not required:
        why = "no receipt was shown" if entry is None else "the charge has no chip data"
        return Finding(requirement, "receipts.names_the_application", None, "a receipt of a chip sale", why, sale=sale)
    text = _squeezed(str(entry.data["receipt"]))
    missing = [value for value in required if _squeezed(value) not in text]
    return Finding(
        requirement=requirement,
        check="receipts.names_the_application",
        holds=not missing,
        expected=f"{' and '.join(required)} on the receipt",
        observed=f"missing: {', '.join(missing)}" if missing else "both there",
        evidence=(entry.n,),
        sale=sale,
        headline="The receipt lacks what the card networks require" if missing else None,
    )


_REQUIRED = ("application_preferred_name", "dedicated_file_name")


def shows_what_was_charged(journal: Journal, sale: str, requirement: str = "FD-74") -> Finding:
    """The total on the receipt is what was captured, tip included, and no other total stands there."""
    entry, facts = _receipt(journal, sale), SaleFacts(journal, sale)
    if entry is None:
        return Finding(requirement, "receipts.shows_what_was_charged", None, "a receipt", "none was shown", sale=sale)
    amounts = _amounts(str(entry.data["receipt"]), facts.currency)
    holds = facts.captured in amounts and max(amounts) <= facts.captured
    return Finding(
        requirement=requirement,
        check="receipts.shows_what_was_charged",
        holds=holds,
        expected=f"{facts.captured} as the total",
        observed=", ".join(map(str, sorted(amounts))) or "no amount",
        evidence=(entry.n, facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The receipt does not show the {facts.captured} that was charged",
    )


def _receipt(journal: Journal, sale: str) -> Entry | None:
    return next((e for e in reversed(journal.kind("screen", sale)) if e.data.get("receipt")), None)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _amounts(text: str, currency: str) -> set[Money]:
    """Every amount with decimals that a receipt shows; thousands separators are read over."""
    return {Money.parse(f"{found.replace(',', '')} {currency}") for found in re.findall(r"\d[\d,]*\.\d{2}(?!\d)", text)}
