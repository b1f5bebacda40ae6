"""The shop's readers: registered where they belong, found in the list, and each used by its own register."""

from collections.abc import Mapping
from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.conduct import ASKING_FOR_CARD
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome


@check
def registered(journal: Journal, requirement: str = "DC-06.1") -> Finding:
    """What was registered from the till is one reader more at Stripe, on the shop's account and under its label."""
    return _registered(journal, requirement, "fleet.registered", "label")


@check
def at_the_chosen_location(journal: Journal, requirement: str = "DC-07.3") -> Finding:
    """The reader belongs to the Location that was chosen when it was registered."""
    return _registered(journal, requirement, "fleet.at_the_chosen_location", "location")


def _registered(journal: Journal, requirement: str, check: str, name: str) -> Finding:
    asked, added = _intent(journal, "register_reader"), _last(journal.controls("readers_added"))
    if asked is None or added is None:
        return Finding(requirement, check, None, "a reader registered from the till", "nobody registered one")
    readers: list[dict[str, Any]] = list(added.data["readers"])
    wanted, found = asked.data[name], [reader[name] for reader in readers]
    holds = found == [wanted]
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"one new reader at Stripe, its {name} {wanted}",
        observed=f"{len(found)} new reader(s)" + (f", {name} {found[0]}" if found else ""),
        evidence=(asked.n, added.n),
        headline=None if holds else "A reader registered from the till is not what was asked for",
    )


@check
def wrong_code_told(journal: Journal, requirement: str = "DC-06.2") -> Finding:
    """A code that Stripe does not know is refused in words, and no reader comes of it."""
    said, added = _last(_screens(journal, "register_reader")), _last(journal.controls("readers_added"))
    if said is None or added is None or not (asked := _intent(journal, "register_reader")):
        return Finding(requirement, "fleet.wrong_code_told", None, "a wrong code typed in", "nobody did")
    words, outcome = str(said.data.get("words") or ""), said.data["outcome"]
    holds = outcome == Outcome.REFUSED.value and bool(words.strip()) and not added.data["readers"]
    return Finding(
        requirement=requirement,
        check="fleet.wrong_code_told",
        holds=holds,
        expected="a refusal in words, and no reader",
        observed=f"{outcome} “{words[:120]}”, {len(added.data['readers'])} new reader(s)",
        evidence=(asked.n, said.n, added.n),
        headline=None if holds else "A mistyped registration code is not told as one",
    )


@check
def strangers_register_nothing(journal: Journal, requirement: str = "DC-06.3") -> Finding:
    """Whoever does not belong to the shop registers no reader: the till asks Stripe for nothing on their word."""
    said = [e for e in _screens(journal, "register_reader") if e.data.get("role") == "stranger"]
    added = _last(journal.controls("readers_added"))
    if not said or added is None:
        return Finding(requirement, "fleet.strangers_register_nothing", None, "a stranger's request", "none was made")
    readers = list(added.data["readers"])
    sent = journal.till_requests("reader.create")
    holds = not readers and not sent
    return Finding(
        requirement=requirement,
        check="fleet.strangers_register_nothing",
        holds=holds,
        expected="no reader registered without credentials",
        observed=f"{len(readers)} reader(s) registered, {len(sent)} call(s) to Stripe",
        evidence=(said[-1].n, added.n, *(e.n for e in sent[:2])),
        headline=None if holds else "Anybody can register a reader on the shop's account",
    )


@check
def listed(journal: Journal, requirement: str = "FD-72") -> Finding | None:
    """The reader that was looked for stands in the till's list, with its label, and as it is now.

    None where the file does not say how a reader is found in the list.
    """
    looks = [e for e in _screens(journal, "list_readers") if e.data.get("listed") is not None]
    truths = journal.controls("reader_at_stripe")
    if not looks or not truths:
        return None
    now, truth = looks[-1].data["listed"], truths[-1].data
    wrong = _wrong_in_list(now, truth)
    if len(looks) > 1 and len(truths) > 1 and truths[-2].data["status"] != truth["status"]:
        unmoved = now.get("status") is not None and looks[-2].data["listed"].get("status") == now["status"]
        wrong += [f"still shown as {now['status']}"] if unmoved else []
    return Finding(
        requirement=requirement,
        check="fleet.listed",
        holds=not wrong,
        expected=f"{truth['reader']} in the list as “{truth['label']}”, {truth['status']}",
        observed=", ".join(wrong) or "there",
        evidence=(truths[-1].n, looks[-1].n),
        headline="A reader cannot be found in the till's list" if wrong else None,
    )


def _wrong_in_list(now: Mapping[str, Any], truth: Mapping[str, Any]) -> list[str]:
    if now.get("label") is None and now.get("status") is None:
        return ["not in the list"]
    label = now.get("label")
    return [f"shown as “{label}”"] if label is not None and str(truth["label"]) not in str(label) else []


@check
def misplaced_reader_told(journal: Journal, requirement: str = "FD-67") -> Finding:
    """A register is not given a reader that stands elsewhere without a word: it is refused, or told."""
    check, misplaced = "fleet.misplaced_reader_told", _last(journal.controls("reader_misplaced"))
    answers = _screens(journal, "bind_reader")
    told = next((e for e in answers if misplaced and e.data.get("reader") == misplaced.data["reader"]), None)
    if misplaced is None or told is None:
        return Finding(requirement, check, None, "a misplaced reader given to a register", "none was")
    usual = {str(e.data.get("words") or "").strip() for e in answers if e is not told}
    words = str(told.data.get("words") or "").strip()
    holds = told.data["outcome"] == Outcome.REFUSED.value or (bool(words) and words not in usual)
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="a refusal, or a warning, when the reader is given to the register",
        observed=f"{told.data['outcome']} “{words[:120]}”",
        evidence=(misplaced.n, told.n),
        headline=None if holds else "A reader that stands at another site is taken without a word",
    )


@check
def sent_to_own_reader(
    journal: Journal, readers: Mapping[str, str], payments: Mapping[str, str], requirement: str = "FD-71"
) -> Finding:
    """Each sale was sent to the reader of its own register or to none. `readers`: sale → reader; `payments`: its
    PaymentIntent → sale.
    """
    check = "fleet.sent_to_own_reader"
    sent = journal.till_requests(*ASKING_FOR_CARD)
    words = [e for sale in readers for e in journal.kind("screen", sale)]
    if not sent and not words:
        return Finding(requirement, check, None, "a sale of the till", "none was started")
    astray = [e for e in sent if not _own(e, readers, payments)]
    return Finding(
        requirement=requirement,
        check=check,
        holds=not astray,
        expected="every sale on its register's own reader, or on none",
        observed=f"a sale was sent to {astray[0].data['object']}" if astray else f"{len(sent)} command(s), none astray",
        evidence=tuple(e.n for e in (astray or sent or words)[:3]),
        headline="A sale appears on the reader of another register" if astray else None,
    )


def _own(request: Entry, readers: Mapping[str, str], payments: Mapping[str, str]) -> bool:
    sale = payments.get(str((request.data.get("params") or {}).get("payment_intent")))
    allowed = {readers[sale]} if sale is not None and sale in readers else set(readers.values())
    return request.data["object"] in allowed


def _screens(journal: Journal, verb: str) -> list[Entry]:
    return [e for e in journal.kind("screen") if e.data["verb"] == verb]


def _intent(journal: Journal, verb: str) -> Entry | None:
    return _last([e for e in journal.kind("intent") if e.data["verb"] == verb])


def _last(entries: list[Entry]) -> Entry | None:
    return entries[-1] if entries else None
