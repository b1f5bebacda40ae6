"""How the till answers what arrives at its webhook address."""

from collections.abc import Mapping
from typing import Any, Final

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding

ANSWER_MS: Final = 10_000.0


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
def answered_soon(journal: Journal, requirement: str = "FD-58") -> Finding:
    """Every delivery was answered before the sender gives up, however long Stripe takes to answer the till itself.

    Documented: an endpoint has to answer before anything that could make it time out
    (https://docs.stripe.com/webhooks, "Quickly return a 2xx response"). Assumed: that the sender waits ANSWER_MS.
    """
    name, expected = "webhooks.answered_soon", f"every delivery answered within {ANSWER_MS / 1000:g} s"
    sent = [e for e in journal.deliveries() if e.data["genuine"]]
    if not sent:
        return Finding(requirement, name, None, expected, "nothing was delivered")
    late = [e for e in sent if e.data["status"] is None or e.end_ms - e.begin_ms > ANSWER_MS]
    slowest = max(e.end_ms - e.begin_ms for e in sent)
    return Finding(
        requirement=requirement,
        check=name,
        holds=not late,
        expected=expected,
        observed=f"{len(late)} of {len(sent)} not answered in time" if late else f"the slowest took {slowest:.0f} ms",
        evidence=tuple(e.n for e in (late or sent)[:3]),
        headline="The till lets Stripe's events time out while it waits for Stripe" if late else None,
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
