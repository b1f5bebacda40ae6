"""How the till answers what arrives at its webhook address."""

from collections.abc import Mapping
from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding


@check
def forgery_refused(journal: Journal, event: str, requirement: str = "FD-60") -> Finding:
    """A delivery that Stripe did not sign is answered with an error of the sender's making."""
    headline = "Whoever knows the address can tell the till that a sale is paid"
    check = "webhooks.forgery_refused"
    return _answered(journal, event, range(400, 500), (requirement, check, "a forged delivery refused (4xx)", headline))


@check
def genuine_accepted(journal: Journal, event: str, requirement: str = "FD-61") -> Finding:
    """A delivery that Stripe signed, in whatever form Stripe may send it, is answered 2xx."""
    headline = "The till refuses what Stripe really sent"
    check = "webhooks.genuine_accepted"
    return _answered(journal, event, range(200, 300), (requirement, check, "a genuine delivery taken (2xx)", headline))


def _answered(journal: Journal, event: str, right: range, said: tuple[str, str, str, str]) -> Finding:
    requirement, check, expected, headline = said
    entry = _delivery(journal, event)
    if entry is None or entry.data.get("status") is None:
        return Finding(requirement, check, None, expected, "no answer to the delivery")
    holds = int(entry.data["status"]) in right
    staging = f" to a delivery {entry.data['staging']}" if entry.data.get("staging") else ""
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=expected,
        observed=f"answered {entry.data['status']}{staging}",
        evidence=(entry.n,),
        headline=None if holds else headline,
    )


@check
def same_state_after(journal: Journal, before: Mapping[str, Any], sale: str, requirement: str) -> Finding:
    """A repeated, late or shuffled event changed nothing of a settled sale: same word, same record."""
    word = journal.last_word(sale)
    if word is None:
        return Finding(requirement, "webhooks.same_state_after", None, "a word on the sale", "none", sale=sale)
    compared = ("outcome", "standing", "record")
    holds = all(word.data.get(key) == before.get(key) for key in compared)
    return Finding(
        requirement=requirement,
        check="webhooks.same_state_after",
        holds=holds,
        expected=_shown(before),
        observed=_shown(word.data),
        evidence=(word.n,),
        sale=sale,
        headline=None if holds else f"An event that says nothing new turns {_shown(before)} into {_shown(word.data)}",
    )


def _shown(state: Mapping[str, Any]) -> str:
    record = state.get("record") or {}
    books = ", ".join(f"{name} {value}" for name, value in sorted(record.items()) if value is not None)
    return f"{state.get('outcome')}, {state.get('standing')}" + (f" ({books})" if books else "")


def _delivery(journal: Journal, event: str) -> Entry | None:
    return next((e for e in reversed(journal.deliveries()) if e.data["event"] == event), None)
