"""Each invariant is shown to hold for a right till and to fail for every way of being wrong."""

from typing import Any

import pytest

from cardpresent.checks import invariants
from tests.checks.story import SALE, Story, canceled, captured, held, refund, unpaid


def paid() -> Story:
    return Story().asked(2000).done("tap", card="approved").said("accepted").books(captured(2000))


RIGHT = [
    pytest.param(paid(), id="paid and captured"),
    pytest.param(Story().asked(2000).said("refused").books(unpaid(2000)), id="not paid and nothing taken"),
    pytest.param(Story().asked(2000).said("refused").books(canceled(2000)), id="cancelled"),
    pytest.param(Story().asked(2000).said("unknown", "held").books(held(2000)), id="held and shown as held"),
    pytest.param(
        Story().asked(2000).said("unknown", "collecting").books(unpaid(2000), reader_on="pi_1"), id="still asking"
    ),
    pytest.param(
        Story().asked(2000).done("offline").said("unknown", "stored").books(), id="taken offline and shown as stored"
    ),
    pytest.param(
        Story().asked(2000).done("offline").said("unknown", "stored").books(captured(2000)),
        id="sent before the line went down again, which nobody at the till can know",
    ),
    pytest.param(Story().asked(2000).said("accepted").books(captured(2200, tip=200)), id="paid with a tip"),
    pytest.param(
        Story().asked(2000).said("refused").books(captured(2000), refunds=[refund(2000)]), id="taken and given back"
    ),
    pytest.param(
        Story().asked(2000).asked(3200, "edit_sale").said("accepted", verb="edit_sale").said("accepted")
        .books(captured(3200)), id="edited and paid anew",
    ),
    pytest.param(
        Story().asked(2000).asked(3200, "edit_sale").said("refused", verb="edit_sale").said("accepted")
        .books(captured(2000)), id="edit refused, old amount paid",
    ),
    pytest.param(
        Story().asked(4000).tip_asked(600).said("accepted", verb="tip_on_receipt").said("accepted")
        .books(captured(4600)), id="tip on the receipt",
    ),
]  # fmt: skip


@pytest.mark.parametrize("story", RIGHT)
def test_words_and_books_that_agree_pass(story: Story) -> None:
    finding = invariants.captured_as_told(story.journal, SALE)

    assert finding.holds is True, str(finding)


WRONG = [
    pytest.param(Story().asked(2000).said("accepted").books(captured(4000)), "FD-01", id="charged too much"),
    pytest.param(
        Story().asked(2000).said("accepted").books(captured(2000), captured(2000, "pi_2")), "FD-01", id="charged twice"
    ),
    pytest.param(Story().asked(2000).said("accepted").books(held(2000)), "FD-02", id="told paid, only held"),
    pytest.param(Story().asked(2000).said("accepted").books(captured(1500)), "FD-08", id="told paid, less taken"),
    pytest.param(Story().asked(2000).said("refused").books(captured(2000)), "FD-03", id="told not paid, taken"),
    pytest.param(
        Story().asked(2000).done("offline").done("online").said("unknown", "stored").books(), "FD-37",
        id="still stored when the network is back",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("online").said("unknown", "stored").books(held(2000)), "FD-42",
        id="called stored although Stripe has it",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("online").said("unknown", "held").books(captured(2000, "pi_1"),
        captured(2000, "pi_2")), "FD-35", id="stored once, sent twice",
    ),
    pytest.param(
        Story().asked(2000).done("offline").said("accepted").books(), "FD-39", id="stored, and shown as paid"
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("will_be_declined").done("online").said("accepted").books(), "FD-36",
        id="declined when it was sent, and shown as paid",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("online").said("accepted").books(), "FD-37",
        id="stored, shown as paid, and never sent",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("kill").done("online").said("refused").books(captured(2000)), "FD-37",
        id="forgotten in a power cut, and charged",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("online").said("refused").books(captured(2000)), "FD-35",
        id="shown as lost, and charged",
    ),
    pytest.param(
        Story().asked(2000).done("fault_fired", fault="answer_lost", operation="sdk.confirm_payment_intent")
        .said("refused").books(held(2000)), "EX-14", id="not answered, and shown as not paid",
    ),
    pytest.param(
        Story().asked(2000).done("fault_fired", fault="reader_link_lost").said("refused").books(captured(2000)),
        "FD-32", id="the reader went, and the payment was never asked about",
    ),
    pytest.param(
        Story().asked(2000).done("offline").done("clear_device").done("online").said("unknown", "stored").books(),
        "FD-37", id="wiped off the device",
    ),
    pytest.param(Story().asked(2000).said("refused").books(held(2000)), "FD-21", id="told not paid, held"),
    pytest.param(
        Story().asked(2000).said("refused").books(unpaid(2000), reader_on="pi_1"), "FD-14", id="reader left collecting"
    ),
    pytest.param(Story().asked(2000).said("unknown").books(captured(2000)), "FD-81", id="never a final word"),
    pytest.param(Story().asked(2000).said("unknown", "collecting").books(unpaid(2000)), "FD-81", id="waits for nobody"),
    pytest.param(
        Story().asked(2000).said("unknown", "held").books(canceled(2000)), "FD-09", id="a dead hold"
    ),
    pytest.param(Story().asked(2000).said("unknown", "held").books(captured(2000)), "FD-03", id="held, yet taken"),
]


@pytest.mark.parametrize(("story", "requirement"), WRONG)
def test_words_and_books_that_differ_fail_for_their_own_reason(story: Story, requirement: str) -> None:
    finding = invariants.captured_as_told(story.journal, SALE)

    assert finding.holds is False
    assert finding.requirement == requirement
    assert finding.evidence
    assert finding.headline


STAGED = [
    pytest.param("connection_error", "FD-26"),
    pytest.param("timeout_after_send", "FD-25"),
    pytest.param("stuck_action", "FD-27"),
    pytest.param("webhook_lost", "FD-56"),
    pytest.param("rate_limited", "FD-76"),
]


@pytest.mark.parametrize(("fault", "requirement"), STAGED)
def test_what_had_been_staged_decides_which_line_turns_red(fault: str, requirement: str) -> None:
    story = Story().asked(2000).done("fault_fired", fault=fault, operation=None).said("refused").books(held(2000))

    assert invariants.captured_as_told(story.journal, SALE).requirement == requirement


def test_a_fault_that_was_armed_and_did_not_fire_explains_nothing() -> None:
    story = Story().asked(2000).done("fault_armed", fault="connection_error").said("refused").books(captured(2000))

    assert invariants.captured_as_told(story.journal, SALE).requirement == "FD-03"


def test_a_cancel_that_met_a_slow_bank_is_the_cancel_race() -> None:
    story = Story().asked(2000).done("fault_fired", fault="slow_issuer").asked(2000, "cancel_sale")
    story.said("refused").books(captured(2000))

    assert invariants.captured_as_told(story.journal, SALE).requirement == "FD-15"


@pytest.mark.parametrize("books", [captured(2000), held(2000)], ids=["taken", "held"])
def test_a_sale_told_as_failed_after_two_presses_belongs_to_the_double_press(books: dict[str, Any]) -> None:
    story = Story().asked(2000).done("double_submit").done("tap").said("refused").books(books)

    assert invariants.captured_as_told(story.journal, SALE).requirement == "FD-04"


def test_two_live_payments_of_one_sale_are_one_too_many() -> None:
    story = Story().asked(2000).said("accepted").books(captured(2000), unpaid(2000, "pi_2"))

    finding = invariants.one_live_payment(story.journal, SALE)

    assert finding.holds is False
    assert finding.requirement == "FD-22"
    assert invariants.one_live_payment(paid().journal, SALE).holds is True
    replaced = Story().asked(2000).said("accepted").books(canceled(2000), captured(2000, "pi_2"))
    assert invariants.one_live_payment(replaced.journal, SALE).holds is True


def test_a_reader_that_goes_on_after_the_end_is_found() -> None:
    over = Story().asked(2000).said("accepted").books(captured(2000), reader_on="pi_1")
    other = Story().asked(2000).said("accepted").books(captured(2000), reader_on="pi_of_another_sale")

    assert invariants.reader_released(over.journal, SALE).holds is False
    assert invariants.reader_released(other.journal, SALE).holds is True
    asking = Story().asked(2000).said("unknown").books(unpaid(2000), reader_on="pi_1")
    assert invariants.reader_at_rest(asking.journal, SALE).holds is False
    assert invariants.reader_at_rest(other.journal, SALE).holds is True


@pytest.mark.parametrize(
    ("record", "requirement"),
    [
        pytest.param({"paid": 4000, "refunded": 0}, "FD-02", id="books more than was taken"),
        pytest.param({"paid": 0, "refunded": 0}, "FD-03", id="books less than was taken"),
        pytest.param({"paid": 2000, "refunded": 500}, "FD-49", id="books a refund that was not made"),
    ],
)
def test_the_tills_own_record_is_held_against_stripes(record: dict[str, int], requirement: str) -> None:
    story = Story().asked(2000).said("accepted", record=record).books(captured(2000))

    finding = invariants.till_books_agree(story.journal, SALE)

    assert finding is not None
    assert finding.holds is False
    assert finding.requirement == requirement


def test_a_refund_the_till_cannot_tell_of_yet_need_not_stand_in_its_books() -> None:
    def told(outcome: str) -> Story:
        story = Story().asked(2000).refund_asked(800, "R1").said(outcome, verb="refund_sale", refund="R1")
        story.said("accepted", record={"paid": 2000, "refunded": 0})
        return story.books(captured(2000), refunds=[refund(800)])

    unknown, accepted = (invariants.till_books_agree(told(o).journal, SALE) for o in ("unknown", "accepted"))

    assert unknown is not None
    assert unknown.holds is True
    assert accepted is not None
    assert (accepted.holds, accepted.requirement) == (False, "FD-49")


def test_a_till_without_a_record_is_judged_by_its_word_alone() -> None:
    assert invariants.till_books_agree(paid().journal, SALE) is None


def test_a_tip_booked_twice_is_the_tips_own_line() -> None:
    story = Story().asked(2000).said("accepted", record={"paid": 2400, "refunded": 0}).books(captured(2200, tip=200))

    finding = invariants.till_books_agree(story.journal, SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, "FD-44")


@pytest.mark.parametrize(
    ("made", "holds", "requirement"),
    [
        pytest.param([refund(500)], True, None, id="once"),
        pytest.param([refund(500), refund(500)], False, "FD-49", id="twice"),
        pytest.param([], False, "FD-52", id="told, never made"),
        pytest.param([refund(500, "failed")], True, None, id="made, failed at the bank later"),
    ],
)
def test_refunds_are_counted_against_what_the_cashier_was_told(
    made: list[dict[str, object]], holds: bool, requirement: str | None
) -> None:
    story = Story().asked(2000).refund_asked(500, "R1").said("accepted", verb="refund_sale", refund="R1")
    story.said("accepted").books(captured(2000), refunds=made)

    finding = invariants.refunds_as_told(story.journal, SALE)

    assert finding is not None
    assert finding.holds is holds
    assert requirement in {None, finding.requirement}


def reversed_sale(deed: str, word: str = "refused", *, back: int = 2000, record: object = None) -> Story:
    """A sale that Stripe captured when the card was approved, and a till that gave the money back by itself."""
    story = Story().asked(2000)
    story = story.asked(2000, "cancel_sale") if deed == "cancel_sale" else story.done(deed)
    return story.said(word, record=record).books(captured(2000), refunds=[refund(back)])


@pytest.mark.parametrize("deed", ["cancel_sale", "nobody_pays", "deadline_passes", "kill"])
@pytest.mark.parametrize("record", [None, {"paid": 0, "refunded": 0}, {"paid": 2000, "refunded": 2000}])
def test_an_approval_that_came_too_late_may_be_given_back_unasked(deed: str, record: object) -> None:
    story = reversed_sale(deed, record=record)

    assert [str(finding) for finding in invariants.judged(story.journal, SALE) if finding.holds is not True] == []


@pytest.mark.parametrize(
    ("story", "requirement"),
    [
        pytest.param(reversed_sale("tap"), "FD-10", id="nobody had given the sale up"),
        pytest.param(reversed_sale("cancel_sale", "accepted"), "FD-10", id="still called paid"),
        pytest.param(reversed_sale("cancel_sale", back=1500), "FD-10", id="a part kept"),
    ],
)
def test_money_given_back_unasked_is_one_too_many_where_the_sale_was_not_given_up_whole(
    story: Story, requirement: str
) -> None:
    finding = invariants.refunds_as_told(story.journal, SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, requirement)


def test_books_that_keep_what_was_given_back_are_wrong() -> None:
    kept = reversed_sale("cancel_sale", record={"paid": 2000, "refunded": 0})

    finding = invariants.till_books_agree(kept.journal, SALE)

    assert finding is not None
    assert finding.holds is False


def test_a_refund_whose_outcome_the_till_cannot_tell_may_have_been_made_or_not() -> None:
    for made in ([], [refund(500)]):
        story = Story().asked(2000).refund_asked(500, "R1").said("unknown", verb="refund_sale", refund="R1")
        finding = invariants.refunds_as_told(story.said("accepted").books(captured(2000), refunds=made).journal, SALE)
        assert finding is not None
        assert finding.holds is True


def test_the_same_refund_sent_again_is_one_refund() -> None:
    story = Story().asked(2000)
    for _ in range(2):
        story.refund_asked(500, "R1").said("accepted", verb="refund_sale", refund="R1")
    story.said("accepted").books(captured(2000), refunds=[refund(500), refund(500)])

    finding = invariants.refunds_as_told(story.journal, SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, "FD-49")


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(Story().asked(2000).said("accepted"), id="books never read"),
        pytest.param(Story().asked(2000).books(captured(2000)), id="not a word"),
        pytest.param(Story(), id="nothing at all"),
    ],
)
def test_without_books_or_words_nothing_is_decided(story: Story) -> None:
    findings = invariants.judged(story.journal, SALE)

    assert [finding.holds for finding in findings] == [None]


def test_an_ambiguous_payment_is_never_a_failure() -> None:
    story = Story().asked(2000).said("refused").books(captured(2000))
    story.journal.last_ledger(SALE).data["method"] = "ambiguous"  # type: ignore[union-attr, index]

    assert [finding.holds for finding in invariants.judged(story.journal, SALE)] == [None]


@pytest.mark.parametrize(("answer", "asking"), [("unknown", True), ("refused", False)], ids=["taken", "turned away"])
def test_an_apps_reader_asks_for_the_last_sale_that_its_till_did_not_turn_away(answer: str, asking: bool) -> None:
    story = Story().asked(2000).said(answer, "collecting" if asking else "settled", verb="start_sale")
    story.said(answer, "collecting" if asking else "settled").books(unpaid(2000), app_asks=True)

    observed = invariants.reader_at_rest(story.journal, SALE).observed

    assert observed == ("the reader still asking for a card" if asking else "the reader at rest")
