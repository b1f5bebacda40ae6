"""When a breach is not held against the till: pure functions of the journal."""

from typing import Any

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from steps.blame import not_the_tills


def start(n: int, *missing: str, status: int = 200, outcome: str = "unknown") -> Entry:
    data = {"verb": "start_sale", "status": status, "outcome": outcome, "missing": list(missing)}
    return entry(n, "screen", data)


def made(n: int) -> Entry:
    """Stripe's answer that a payment was made."""
    return entry(n, "reply", {"body": {"object": "payment_intent"}})


def entry(n: int, kind: Any, data: dict[str, Any]) -> Entry:
    return Entry(n, kind, "till", "till", 0.0, 0.0, "a scenario", "S1", data)


def test_what_no_answer_ever_held_is_the_files_fault() -> None:
    run = Journal([made(1), start(2, "payment_intent"), made(3), start(4, "payment_intent")])

    blame = not_the_tills(run.since(2), run)

    assert blame is not None
    assert blame[:2] == ("config_error", "configuration")


def test_what_was_read_once_and_is_left_out_now_is_the_tills() -> None:
    run = Journal([made(1), start(2), made(3), start(4, "payment_intent")])

    assert not_the_tills(run.since(2), run) is None


def test_a_till_that_made_no_payment_has_none_to_name() -> None:
    run = Journal([start(1, "payment_intent"), start(2, "payment_intent")])

    assert not_the_tills(run, run) is None


def test_a_refusal_and_a_failure_need_not_hold_everything() -> None:
    for answer in (start(2, "payment_intent", outcome="refused"), start(2, "payment_intent", status=500)):
        run = Journal([made(1), answer])
        assert not_the_tills(run, run) is None


def test_a_till_that_presents_cards_has_to_say_so() -> None:
    tap = entry(1, "request", {"operation": "reader.present_payment_method"})
    taken, refused = (Journal([tap, entry(2, "reply", {"request": 1, "committed": it})]) for it in (True, False))

    blame = not_the_tills(taken, taken)

    assert blame is not None
    assert "till.taps" in blame[2]
    assert not_the_tills(taken, taken, till_taps=True) is None
    assert not_the_tills(refused, refused) is None
