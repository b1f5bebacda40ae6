"""Which line of the register a breach of the money rules belongs to, given what had been done to the till.

A till that charges twice after a lost answer and one that charges twice after a double tap break different lines,
though the books look alike. The journal knows what was staged: a fault counts only when it fired.
"""

from enum import StrEnum
from typing import Final

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry


class Breach(StrEnum):
    """The ways in which books and words can disagree."""

    OVERCHARGED = "charged more than was owed"
    SHORT = "told paid, less collected"
    NOT_COLLECTED = "told paid, nothing collected"
    CHARGED = "told not paid, money collected"
    HELD = "told not paid, money held"
    COLLECTING = "told over, reader still collecting"
    SEVERAL_LIVE = "more than one live payment"
    UNRESOLVED = "no final word"
    LAPSED = "told held, nothing held"
    STRANDED = "told stored, never sent"
    NEWS_MISSED = "told stored, sent long ago"


DEFAULT: Final[dict[Breach, str]] = {
    Breach.OVERCHARGED: "FD-01",
    Breach.SHORT: "FD-08",
    Breach.NOT_COLLECTED: "FD-02",
    Breach.CHARGED: "FD-03",
    Breach.HELD: "FD-21",
    Breach.COLLECTING: "FD-14",
    Breach.SEVERAL_LIVE: "FD-22",
    Breach.UNRESOLVED: "FD-81",
    Breach.LAPSED: "FD-09",
    Breach.STRANDED: "FD-37",
    Breach.NEWS_MISSED: "FD-42",
}

_EVERY: Final = tuple(Breach)

# First stimulus that was seen wins, so the most telling come first. Each row: stimulus, the breaches it explains, line.
CAUSES: Final[tuple[tuple[str, tuple[Breach, ...], str], ...]] = (
    ("log_out", _EVERY, "FD-37"),
    ("clear_device", _EVERY, "FD-37"),
    ("switch_account", _EVERY, "FD-37"),
    ("offline", (Breach.OVERCHARGED, Breach.SEVERAL_LIVE), "FD-35"),
    ("will_be_declined", (Breach.NOT_COLLECTED, Breach.SHORT, Breach.UNRESOLVED, Breach.NEWS_MISSED), "FD-36"),
    ("lost_power_offline", (Breach.CHARGED, Breach.UNRESOLVED, Breach.HELD), "FD-37"),
    ("online", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-37"),
    ("offline", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-39"),
    ("offline", (Breach.CHARGED,), "FD-35"),
    ("confirm_unanswered", _EVERY, "EX-14"),
    ("reader_link_lost", _EVERY, "FD-32"),
    ("offline", (Breach.HELD, Breach.LAPSED, Breach.UNRESOLVED), "FD-42"),
    ("offline", (Breach.STRANDED,), "FD-37"),
    ("sweep_due", (Breach.CHARGED, Breach.LAPSED, Breach.UNRESOLVED), "FD-03"),
    ("asked_by_hand", (Breach.CHARGED, Breach.LAPSED, Breach.UNRESOLVED), "EX-04"),
    ("proxy_gave_up", (Breach.CHARGED, Breach.HELD, Breach.NOT_COLLECTED, Breach.UNRESOLVED), "FD-78"),
    ("nobody_looks", (Breach.NOT_COLLECTED, Breach.CHARGED, Breach.HELD, Breach.UNRESOLVED), "FD-03"),
    ("foreign_reference", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-66"),
    ("finish_sale", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-24"),
    ("under_way", _EVERY, "FD-19"),
    ("raise_hold", _EVERY, "FD-46"),
    ("take_cash", (Breach.OVERCHARGED, Breach.SHORT, Breach.NOT_COLLECTED, Breach.HELD), "FD-12"),
    ("approve_less", (Breach.SHORT, Breach.NOT_COLLECTED), "FD-47"),
    ("captured_behind_the_till", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-08"),
    ("captured_behind_the_till", _EVERY, "DC-04.1"),
    ("foreign_event", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-08"),
    ("unsigned_event", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-60"),
    ("wrong_environment_event", (Breach.NOT_COLLECTED, Breach.SHORT), "FD-59"),
    ("connection_error", (Breach.CHARGED, Breach.HELD, Breach.OVERCHARGED), "FD-26"),
    ("timeout_after_send", _EVERY, "FD-25"),
    ("next_sale_on_reader", _EVERY, "EX-02"),
    ("stuck_action", _EVERY, "FD-27"),
    ("cancel_during_authorization", _EVERY, "FD-15"),
    ("late_approval", _EVERY, "FD-27"),
    ("kill", _EVERY, "FD-80"),
    ("answer_lost", (Breach.OVERCHARGED, Breach.SEVERAL_LIVE), "FD-01"),
    ("shared_reader", _EVERY, "FD-29"),
    ("retry_sale", (Breach.COLLECTING,), "FD-17"),
    ("cancel_after_retry", (Breach.HELD, Breach.CHARGED), "FD-17"),
    ("second_register", _EVERY, "FD-18"),
    ("double_submit", (Breach.OVERCHARGED, Breach.SEVERAL_LIVE, Breach.HELD, Breach.UNRESOLVED), "FD-04"),
    # Two presses, and the second one's trouble told of a sale that the first one paid.
    ("double_submit", (Breach.CHARGED,), "FD-04"),
    ("refuse_capture", (Breach.NOT_COLLECTED, Breach.UNRESOLVED), "FD-02"),
    ("rate_limited", (Breach.CHARGED, Breach.HELD, Breach.UNRESOLVED), "FD-76"),
    ("authorization_lapsed", (Breach.NOT_COLLECTED, Breach.LAPSED, Breach.UNRESOLVED), "FD-09"),
    ("webhook_reordered", (Breach.CHARGED, Breach.NOT_COLLECTED, Breach.UNRESOLVED), "FD-55"),
    ("webhook_lost", (Breach.CHARGED, Breach.HELD, Breach.UNRESOLVED), "FD-56"),
    ("receipt", (Breach.CHARGED, Breach.HELD, Breach.UNRESOLVED), "FD-75"),
    ("edit_sale", (Breach.OVERCHARGED, Breach.SHORT), "FD-07"),
    ("show_cart", (Breach.UNRESOLVED,), "EX-02"),
    ("customer_cancel", (Breach.UNRESOLVED,), "FD-31"),
    ("nobody_pays", (Breach.UNRESOLVED, Breach.COLLECTING), "FD-30"),
    ("tip", (Breach.SHORT,), "FD-43"),
    ("till_cut_off", (Breach.CHARGED, Breach.HELD), "FD-81"),
    ("tip", (Breach.OVERCHARGED,), "FD-44"),
)


def stimuli(journal: Journal, sale: str) -> set[str]:
    """What had been done to the till in the scenario of `sale`: faults that fired and deeds of the suite."""
    scenario = journal.scenario_of(sale)
    seen = {s for entry in journal if entry.scenario == scenario for s in _stimuli_of(entry)}
    if {"slow_issuer", "cancel_sale"} <= seen:
        seen.add("cancel_during_authorization")
    if {"offline", "kill"} <= seen:
        seen.add("lost_power_offline")
    if {"collected_at_stripe", "check_status"} <= seen:
        seen.add("asked_by_hand")
    if "slow_issuer" in seen and "cancel_sale" not in seen:
        seen.add("late_approval")
    if {"retry_sale", "cancel_sale"} <= seen:
        seen.add("cancel_after_retry")
    return seen


def _stimuli_of(entry: Entry) -> tuple[str, ...]:
    if entry.kind == "intent":
        return (str(entry.data["verb"]), *(("tip",) if entry.data.get("tip") else ()))
    if entry.kind != "control":
        return ()
    what = entry.data.get("what")
    if what == "fault_fired":
        operation = str(entry.data.get("operation") or "")
        refused = operation == "payment_intent.capture" and entry.data.get("fault") in {"server_error", "conflict"}
        unanswered = operation == "sdk.confirm_payment_intent" and entry.data.get("fault") == "answer_lost"
        more = (("refuse_capture",) if refused else ()) + (("confirm_unanswered",) if unanswered else ())
        return (str(entry.data["fault"]), *more)
    return (*((str(what),) if what else ()), *(("tip",) if entry.data.get("tip") else ()))


def requirement_for(breach: Breach, journal: Journal, sale: str) -> str:
    """The line that a breach turns red."""
    seen = stimuli(journal, sale)
    for stimulus, breaches, line in CAUSES:
        if stimulus in seen and breach in breaches:
            return line
    return DEFAULT[breach]
