"""Tills with habits that are met in the field: what each is told, and who is blamed for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.certify.running import PAID, Bench, Ended

Changes = tuple[tuple[str, str], ...]
DECLINED = "A declined card leaves the sale open and the customer uncharged"
WAITING = "A sale that waits for its card does not flood Stripe with questions"


@pytest.fixture
def certified(bench: Bench, till: Callable[..., Path]) -> Callable[..., Ended]:
    def run(habit: str, *titles: str, change: tuple[str, str] | None = None, more: Changes = ()) -> Ended:
        file = till("naive_till", *([change] if change else []), *more, program="habits.py", HABIT=habit)
        return bench.certify("--integration", file, *(word for title in titles for word in ("--select", title)))

    return run


def breaches(ended: Ended, title: str) -> dict[str, Any]:
    """Requirement → party, of every finding of a scenario that does not hold."""
    return {f["requirement"]: f["party"] for f in ended.scenario(title)["findings"] if f["holds"] is False}


def test_a_till_that_never_answers_is_refused_and_blamed_itself(certified: Callable[..., Ended]) -> None:
    ended = certified("hangs", PAID, change=("deadline_s = 4", "deadline_s = 4\nanswer_within_s = 0.5"))

    assert ended.code == 1
    assert breaches(ended, PAID) == {"DC-02.1": "product", "FD-81": "product"}


def test_a_till_that_ends_in_the_middle_of_a_sale_is_refused_for_that(certified: Callable[..., Ended]) -> None:
    ended = certified("dies", PAID)

    assert ended.code == 1
    assert breaches(ended, PAID) == {"FD-80": "product"}


def test_pages_where_the_file_reads_json_are_the_files_fault_and_refuse_nobody(certified: Callable[..., Ended]) -> None:
    ended = certified("pages", PAID)

    assert ended.code == 3
    assert (ended.scenario(PAID)["outcome"], ended.scenario(PAID)["party"]) == ("config_error", "configuration")
    assert "has ever held what the file reads as payment_intent" in ended.scenario(PAID)["reason"]


def test_a_till_that_taps_by_itself_is_asked_to_say_so_and_not_refused(certified: Callable[..., Ended]) -> None:
    ended = certified("taps", PAID, DECLINED)

    assert ended.code == 3
    assert set(ended.outcomes().values()) == {"config_error"}
    assert 'write till.taps = "till"' in ended.scenario(PAID)["reason"]


def test_errors_told_with_200_are_read_as_the_refusals_they_are(certified: Callable[..., Ended]) -> None:
    ended = certified("none", PAID, DECLINED)

    assert ended.outcomes() == {PAID: "passed", DECLINED: "passed"}


def test_no_word_a_till_uses_has_to_be_english(certified: Callable[..., Ended]) -> None:
    ended = certified("german", PAID, DECLINED)

    assert ended.outcomes() == {PAID: "passed", DECLINED: "passed"}


def test_twenty_questions_a_second_are_a_warning_at_the_scenario_about_them(certified: Callable[..., Ended]) -> None:
    ended = certified("polls", PAID, WAITING)

    assert ended.outcomes() == {PAID: "passed", WAITING: "warning"}
    assert breaches(ended, WAITING) == {"FD-77": "product"}


def test_a_till_that_reads_each_card_first_and_confirms_it_then_is_put_to_the_same_troubles(
    certified: Callable[..., Ended]
) -> None:
    busy = "A busy Stripe is not told as a decline: <limit> while <step>"
    hidden = "An approval hidden behind a lost connection is not told as a failure"
    own = "A sale appears on the till's own reader and on no other"

    ended = certified("reads_first", PAID, busy, hidden, own)

    assert {title: outcome for title, outcome in ended.outcomes().items() if outcome != "passed"} == {}


def test_what_is_paid_after_a_cancel_may_be_given_back_where_stripe_captures_at_once(
    certified: Callable[..., Ended]
) -> None:
    too_late = "A cancel that comes too late is not taken for a cancelled payment"
    paid = "A paid sale cannot be cancelled into an unpaid one"
    by_stripe = (
        ('capture = "manual"', 'capture = "automatic"'), ('captures = "cashier"', 'captures = "till"'),
        ('json = { reader_id', 'json = { payment_intent_id = "{payment_intent}", reader_id'),
    )

    ended = certified("undoes", PAID, too_late, paid, more=by_stripe)

    assert ended.outcomes() == {PAID: "passed", too_late: "passed", paid: "passed"}


def test_a_till_that_gives_back_whole_sales_only_is_not_asked_for_parts(certified: Callable[..., Ended]) -> None:
    whole, parts = "A refund returns the amount once", "Two refunds of the same amount are both made"
    told = (', amount = "{refund_amount.string}" }', " }")

    ended = certified("gives_all_back", whole, parts, more=(told,))

    assert ended.outcomes() == {whole: "passed", parts: "not_demonstrated"}
    assert "whole sales only" in ended.scenario(parts)["reason"]
