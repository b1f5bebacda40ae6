"""Payments taken without a network: shown as what they are, sent once, and every one of them accounted for."""

from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing


@check
def told_stored(journal: Journal, sale: str, requirement: str = "FD-39") -> Finding:
    """The till says that the payment is stored; neither that it is paid nor that it failed."""
    facts = SaleFacts(journal, sale)
    holds = facts.standing is Standing.STORED
    return Finding(
        requirement, "offline.told_stored", holds, "the cashier told: stored, not approved",
        f"{facts.said}; {facts.books}", facts.evidence, sale,
        headline=None if holds else f"A payment no bank has seen is shown as {facts.said}",
    )  # fmt: skip


@check
def lost_has_owner(journal: Journal, sale: str, requirement: str = "FD-36") -> Finding:
    """A payment declined when it was sent stands on the till's list as lost, with somebody to see to it."""
    facts, listed = SaleFacts(journal, sale), _last_list(journal, sale)
    if listed is None:
        return _no_list(requirement, "offline.lost_has_owner", sale)
    told = listed.data["worklist"]
    holds = told["listed"] == "lost" and bool(told["owner"])
    return Finding(
        requirement, "offline.lost_has_owner", holds, f"{facts.owed} listed as lost, and whose it is to see to",
        f"listed as {told['listed'] or 'nothing'}, owner {told['owner'] or 'nobody'}", (listed.n, facts.ledger.n), sale,
        headline=None if holds else f"{facts.owed} declined after the customer had left, and nobody is told",
    )  # fmt: skip


@check
def loss_in_sums(journal: Journal, sale: str, requirement: str = "FD-36") -> Finding:
    """The till's sums count the lost payment as lost, and as nothing else."""
    facts, lists = SaleFacts(journal, sale), _lists(journal)
    if len(lists) < 2 or any(e.data["worklist"]["sum_lost"] is None for e in lists):
        return _no_list(requirement, "offline.loss_in_sums", sale)
    grown = facts.money(lists[-1].data["worklist"]["sum_lost"] - lists[0].data["worklist"]["sum_lost"])
    waits = facts.money(lists[-1].data["worklist"]["sum_stored"] or 0)
    holds = grown == facts.owed and not waits
    return Finding(
        requirement, "offline.loss_in_sums", holds, f"{facts.owed} more in the sum of what is lost, nothing stored",
        f"{grown} more lost, {waits} stored", (lists[0].n, lists[-1].n), sale,
        headline=None if holds else f"The till's sums hide that {facts.owed} was lost",
    )  # fmt: skip


@check
def listed_as_overdue(journal: Journal, sale: str, requirement: str = "FD-42") -> Finding:
    """A payment that waits too long is marked on the till's list."""
    listed = _last_list(journal, sale)
    if listed is None or listed.data["worklist"]["overdue"] is None:
        return _no_list(requirement, "offline.listed_as_overdue", sale)
    holds = bool(listed.data["worklist"]["overdue"])
    return Finding(
        requirement, "offline.listed_as_overdue", holds, "the payment marked as waiting too long",
        "marked" if holds else "not marked", (listed.n,), sale,
        headline=None if holds else "A payment waits at the till for days, and nothing says so",
    )  # fmt: skip


@check
def refused_before_card(journal: Journal, sale: str, requirement: str = "FD-38") -> Finding:
    """The till would not take the sale, and did not let anybody present a card for it."""
    facts = SaleFacts(journal, sale)
    refused = facts.outcome is Outcome.REFUSED and facts.standing is Standing.SETTLED
    holds = refused and not facts.intents
    return Finding(
        requirement, "offline.refused_before_card", holds, "the sale refused before a card is asked for",
        f"{facts.said}; {len(facts.intents)} payment(s) at Stripe", facts.evidence, sale,
        headline=None if holds else f"{facts.asked} is taken without a network, whatever the risk",
    )  # fmt: skip


@check
def taken_or_explained(journal: Journal, sale: str, requirement: str = "FD-41") -> Finding:
    """The till takes the payment and stores it, or says in words why it cannot; silence is neither."""
    facts = SaleFacts(journal, sale)
    said = bool(str(facts.word.data.get("words") or "").strip())
    stored = facts.standing is Standing.STORED
    refused = facts.outcome is Outcome.REFUSED and facts.standing is Standing.SETTLED and said
    holds = stored or refused
    return Finding(
        requirement, "offline.taken_or_explained", holds, "the payment stored, or refused with the reason",
        facts.said, facts.evidence, sale,
        headline=None if holds else "Without a network the till neither takes the payment nor says why",
    )  # fmt: skip


@check
def kept_open(journal: Journal, requirement: str = "EX-29") -> Finding:
    """The till does not let the day end, and the device be switched off, while payments wait on it."""
    said = [e for e in journal.kind("screen") if e.data["verb"] == "end_of_day"]
    if not said:
        return Finding(requirement, "offline.kept_open", None, "an answer to the end of the day", "nobody asked")
    holds = said[-1].data["outcome"] == Outcome.REFUSED.value
    words = str(said[-1].data.get("words") or "")[:120]
    return Finding(
        requirement, "offline.kept_open", holds, "the day kept open while payments are stored",
        f"{said[-1].data['outcome']} “{words}”", (said[-1].n,),
        headline=None if holds else "The day is closed while payments wait on the device",
    )  # fmt: skip


@check
def link_loss_told(journal: Journal, sale: str, requirement: str = "EX-15") -> Finding:
    """Once the reader's link broke the cashier reads something else than before: that the reader is gone."""
    broken = journal.controls("fault_armed", "fault_fired")
    fired = [e.n for e in broken if e.data.get("fault") == "reader_link_lost"]
    words = [e for e in journal.kind("screen", sale) if e.data.get("of_sale")]
    before = [e for e in words if fired and e.n < fired[0]]
    after = [e for e in words if fired and e.n > fired[0]]
    if not before:
        return Finding(requirement, "offline.link_loss_told", None, "words before it broke", "not heard", sale=sale)
    # A word heard again unchanged is not written down again.
    last = (after or before)[-1]
    said = str(last.data.get("words") or "")
    holds = bool(said.strip()) and said != before[-1].data.get("words")
    return Finding(
        requirement, "offline.link_loss_told", holds, "the cashier told that the reader is gone", f"“{said[:120]}”",
        (before[-1].n, fired[0], last.n), sale,
        headline=None if holds else "The reader is gone, and the screen says what it said before",
    )  # fmt: skip


@check
def card_refused(journal: Journal, sale: str, requirement: str = "FD-41") -> Finding:
    """A card that cannot be taken is not taken: the till says so, or its reader asks for another."""
    facts = SaleFacts(journal, sale)
    asks_again = facts.standing is Standing.COLLECTING and facts.on_reader
    refused = facts.outcome is Outcome.REFUSED and facts.standing is Standing.SETTLED
    holds = (asks_again or refused) and not facts.captured
    return _finding(
        facts, requirement, "offline.card_refused", holds, "the card refused, or another one asked for",
        f"{facts.said}; {facts.books}", None if holds else "A card that no bank will honour is taken for a payment",
    )  # fmt: skip


@check
def own_mark(journal: Journal, sale: str, key: str, requirement: str = "EX-28") -> Finding:
    """Every payment of the sale that reached Stripe carries the till's own id of the sale."""
    facts = SaleFacts(journal, sale)
    marks = [(p.get("metadata") or {}).get(key) for p in facts.intents]
    holds = all(mark == sale for mark in marks) if marks else None
    return _finding(
        facts, requirement, "offline.own_mark", holds, f"metadata[{key}] = {sale}",
        ", ".join(str(mark) for mark in marks) or "no payment of this sale at Stripe",
        None if holds is not False else "A payment taken offline cannot be told apart from any other",
    )  # fmt: skip


@check
def own_card(journal: Journal, sale: str, brand: str, requirement: str = "FD-40") -> Finding:
    """The charge of the sale is on the card that was presented for it, and on no other customer's."""
    facts = SaleFacts(journal, sale)
    brands = sorted({str(_card(c).get("brand")) for c in facts.charges})
    return _finding(
        facts, requirement, "offline.own_card", brands == [brand] if brands else None, f"a {brand} card charged",
        ", ".join(brands) or "no charge of this sale",
        None if brands == [brand] else "The sale is matched with another customer's payment",
    )  # fmt: skip


def _card(charge: dict[str, Any]) -> dict[str, Any]:
    details = charge.get("payment_method_details") or {}
    return dict(details.get(str(details.get("type"))) or {})


def _lists(journal: Journal) -> list[Entry]:
    return [e for e in journal.kind("screen") if e.data.get("worklist") is not None]


def _last_list(journal: Journal, sale: str) -> Entry | None:
    return next((e for e in reversed(_lists(journal)) if e.sale == sale), None)


def _no_list(requirement: str, check: str, sale: str | None) -> Finding:
    return Finding(requirement, check, None, "a list of stored payments", "the till showed none", sale=sale)


def _finding(
    facts: SaleFacts, requirement: str, check: str, holds: bool | None, expected: str, observed: str,
    headline: str | None = None,
) -> Finding:  # fmt: skip
    return Finding(requirement, check, holds, expected, observed, facts.evidence, facts.sale, headline=headline)
