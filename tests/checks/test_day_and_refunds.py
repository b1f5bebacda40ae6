"""What the closing names, what is offered to be refunded, and what of it is tip: held, broken, not to be told."""

import pytest

from cardpresent.checks import day, refunds, tips
from cardpresent.checks.invariants import captured_as_told, refunds_as_told
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, captured, refund

BEHIND = {"minor_units": 500, "currency": "usd"}


def closing(names: str | None, *, before: object = None, money_back: int = 500) -> Story:
    story = Story().asked(2000).done("refunded_behind_the_till", amount=BEHIND).said("accepted", record=before)
    story.said("accepted", verb="end_of_day", differences=names)
    return story.said("accepted").books(captured(2000), refunds=[refund(money_back)] if money_back else [])


@pytest.mark.parametrize(
    ("story", "holds"),
    [
        pytest.param(closing('[{"sale": "S1"}]'), True, id="the sale named"),
        pytest.param(closing('[{"why": "re_500 unknown here"}]'), True, id="the refund named"),
        pytest.param(closing("[]"), False, id="nothing named"),
        pytest.param(closing("[]", before={"paid": 2000, "refunded": 500}), True, id="written down before"),
        pytest.param(closing("[]", before={"paid": 2000, "refunded": 0}), False, id="not written down before"),
        pytest.param(closing(None), None, id="a closing that says nothing of differences"),
    ],
)
def test_what_changed_behind_the_till_is_named(story: Story, holds: bool | None) -> None:
    assert day.difference_named(story.journal, SALE).holds is holds


@pytest.mark.parametrize(("names", "holds"), [("[]", True), ('[{"sale": "S1"}]', False), (None, None)])
def test_a_sale_on_which_both_agree_is_no_difference(names: str | None, holds: bool | None) -> None:
    assert day.no_difference_named(closing(names, money_back=0).journal, SALE).holds is holds


def test_a_refund_the_suite_made_itself_is_nobodys_word() -> None:
    assert refunds_as_told(closing("[]").journal, SALE).holds is True  # type: ignore[union-attr]
    unasked = Story().asked(2000).said("accepted").books(captured(2000), refunds=[refund(500)])
    assert refunds_as_told(unasked.journal, SALE).holds is False  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("outcome", "taken", "requirement"),
    [("unknown", 3000, None), ("accepted", 3000, "FD-08"), ("refused", 3000, "DC-04.1"), ("unknown", 0, "DC-04.1")],
)
def test_a_part_collected_behind_the_till_leaves_one_honest_word(
    outcome: str, taken: int, requirement: str | None
) -> None:
    part = {"minor_units": taken, "currency": "usd"}
    story = Story().asked(4200).done("captured_behind_the_till", amount=part).said(outcome)
    story.books(*([captured(taken)] if taken else []))

    finding = captured_as_told(story.journal, SALE)

    assert finding.holds is (requirement is None)
    assert requirement in (None, finding.requirement)


def offer(amount: int | None, *, declined: bool = False) -> Story:
    paid = captured(2000)
    if declined:
        paid["charges"] = [{**paid["charges"][0], "status": "failed", "captured": False, "amount_captured": 0},
                           *paid["charges"]]  # fmt: skip
    record = None if amount is None else {"refundable": amount}
    return Story().asked(2000).said("accepted", record=record).books(paid, refunds=[refund(1500)])


def test_what_is_left_is_offered_and_no_more() -> None:
    def found(story: Story) -> tuple[bool | None, str]:
        finding = refunds.offered(story.journal, SALE, Money(500, "usd"))
        assert finding is not None
        return finding.holds, finding.requirement

    assert found(offer(500)) == (True, "FD-50")
    assert found(offer(2000)) == (False, "FD-50")
    assert found(offer(2500, declined=True)) == (False, "FD-13")
    assert refunds.offered(offer(None).journal, SALE, Money(500, "usd")) is None


@pytest.mark.parametrize(
    ("rule", "given_back", "kept", "holds"),
    [
        ("last", 1000, 0, True), ("last", 1000, 400, False), ("last", 2200, 200, True), ("last", 2400, 400, True),
        ("first", 1000, 400, True), ("first", 1000, 0, False), ("first", 300, 300, True),
        ("in_proportion", 1000, 167, True), ("in_proportion", 1000, 166, True), ("in_proportion", 1000, 160, False),
        ("kept", 2000, 0, True), ("kept", 2000, 400, False),
    ],
)  # fmt: skip
def test_the_shops_own_rule_says_what_of_a_refund_is_tip(rule: str, given_back: int, kept: int, holds: bool) -> None:
    story = Story().asked(2000).said("accepted", record={"tip_rule": rule, "tip_refunded": kept})
    story.books(captured(2400, tip=400), refunds=[refund(given_back)])

    finding = tips.refunded_by_rule(story.journal, SALE)

    assert finding is not None and finding.holds is holds


def test_books_that_know_no_rule_cannot_be_held_to_one() -> None:
    story = Story().asked(2000).said("accepted", record={"paid": 2400}).books(captured(2400, tip=400))

    assert tips.refunded_by_rule(story.journal, SALE) is None
