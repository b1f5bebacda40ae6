"""News that comes first, twice, or while the till is busy: how it is answered, and what it does to the books."""

import pytest

from cardpresent.checks import invariants, webhooks
from tests.checks.story import SALE, Story, captured, refund


@pytest.mark.parametrize(
    ("status", "took_ms", "holds"), [(200, 20, True), (503, 20, True), (200, 11_000, False), (None, 10_000, False)]
)
def test_an_event_is_answered_before_its_sender_gives_up(status: int | None, took_ms: float, holds: bool) -> None:
    story = Story().delivered("evt_1", 200).delivered("evt_2", status, took_ms=took_ms)

    assert webhooks.answered_soon(story.journal).holds is holds
    assert webhooks.answered_soon(Story().journal).holds is None


@pytest.mark.parametrize(
    ("stimulus", "requirement"),
    [
        ({"what": "fault_fired", "fault": "answer_overtaken", "operation": "refund.create"}, "FD-57"),
        ({"what": "tap"}, "FD-49"),
    ],
)
def test_a_refund_counted_twice_belongs_to_what_was_done(stimulus: dict[str, str], requirement: str) -> None:
    story = Story().asked(2000).done(**stimulus).refund_asked(800, "R1")
    story.said("accepted", verb="refund_sale", refund="R1")
    story.said("accepted", record={"paid": 2000, "refunded": 1600}).books(captured(2000), refunds=[refund(800)])

    finding = invariants.till_books_agree(story.journal, SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, requirement)


def test_money_that_goes_back_though_nobody_asked_was_undone_by_the_till_itself() -> None:
    story = Story().asked(2000).said("accepted").books(captured(2000), refunds=[refund(2000)])

    finding = invariants.refunds_as_told(story.journal, SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, "FD-10")
