"""Who may do what to a sale, and what a card owes once cash was taken: held, broken, not to be told."""

import pytest

from cardpresent.checks import access, charges, words
from cardpresent.checks.facts import NothingSeen
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, canceled, captured, refund, unpaid


def cash(story: Story, amount: int, outcome: str = "accepted") -> Story:
    money = {"minor_units": amount, "currency": "usd"}
    return story.asked(5000, "take_cash", cash=money).said(outcome, verb="take_cash")


@pytest.mark.parametrize(
    ("answer", "charged", "holds"),
    [
        pytest.param("accepted", 3000, True, id="the rest"),
        pytest.param("accepted", 5000, False, id="the whole, although cash was taken"),
        pytest.param("refused", 5000, True, id="the whole, no cash was taken"),
        pytest.param("refused", 3000, False, id="less, although no cash was taken"),
        pytest.param("unknown", 3000, True, id="cash nobody refused is in the drawer"),
    ],
)
def test_the_card_is_charged_what_the_sale_still_owed(answer: str, charged: int, holds: bool) -> None:
    story = cash(Story().asked(5000), 2000, answer).said("accepted").books(captured(charged))

    finding = charges.charged_balance(story.journal, SALE)

    assert (finding.holds, finding.check) == (holds, "charges.charged_balance")
    if not holds and answer == "accepted":
        assert finding.requirement == "FD-12"
        assert charges.charged_total(story.journal, SALE, Money(3000, "usd")).holds is False


@pytest.mark.parametrize(
    ("outcome", "standing", "record", "holds"),
    [
        ("refused", "settled", None, True),
        ("unknown", "settled", None, True),
        ("accepted", "settled", None, False),
        ("unknown", "held", None, False),
        ("unknown", "settled", {"paid": 2000}, False),
    ],
)
def test_another_shop_is_told_nothing(outcome: str, standing: str, record: object, holds: bool) -> None:
    story = Story().asked(2000).said(outcome, standing, role="other_shop", record=record)

    assert access.other_shop_told_nothing(story.journal, SALE).holds is holds


def test_nobody_of_another_shop_asked() -> None:
    story = Story().asked(2000).said("accepted", role="cashier")

    assert access.other_shop_told_nothing(story.journal, SALE).holds is None


@pytest.mark.parametrize(
    ("books", "holds"),
    [
        pytest.param({"refunds": [refund(2000)]}, False, id="refunded"),
        pytest.param({}, True, id="as it was"),
    ],
)
def test_who_may_not_refund_did_not(books: dict[str, object], holds: bool) -> None:
    story = Story().asked(2000).done("asked_by", role="cashier", verb="refund_sale", reader_asks=False)
    story.said("accepted").books(captured(2000), **books)  # type: ignore[arg-type]

    assert access.untouched(story.journal, SALE).holds is holds


def test_who_may_not_cancel_leaves_the_reader_asking() -> None:
    def asked() -> Story:
        return Story().asked(2000).done("asked_by", role="other_shop", verb="cancel_sale", reader_asks=True)

    left = asked().said("unknown", "collecting").books(unpaid(2000), reader_on="pi_1")
    stopped = asked().said("refused").books(canceled(2000))
    nobody = Story().asked(2000).said("refused").books(canceled(2000))

    held = [access.untouched(story.journal, SALE).holds for story in (left, stopped, nobody)]
    assert held == [True, False, None]


def asked_by_hand(said: str, books: object = None) -> Story:
    story = Story().asked(4200).asked(4200, "check_status").said(said, verb="check_status").said(said)
    return story.books(books or captured(4200))  # type: ignore[arg-type]


def test_a_question_by_hand_brings_in_what_was_collected_elsewhere() -> None:
    nobody_asked = Story().asked(4200).said("accepted").books(captured(4200))

    held = [
        words.found_by_hand(story.journal, SALE).holds
        for story in (asked_by_hand("accepted"), asked_by_hand("unknown"), asked_by_hand("refused", unpaid(4200)),
                      nobody_asked)
    ]  # fmt: skip
    assert held == [True, False, None, None]


@pytest.mark.parametrize(
    ("told", "holds"),
    [
        ({"words": "Not paid.", "support_reference": "pi_1", "next_step": "try again"}, True),
        ({"words": "", "support_reference": "pi_1", "next_step": "try again"}, False),
        ({"words": "Not paid.", "support_reference": None, "next_step": "try again"}, False),
        ({"words": "Not paid.", "support_reference": "pi_1", "next_step": " "}, False),
    ],
)
def test_trouble_is_told_with_words_a_reference_and_a_next_step(told: dict[str, object], holds: bool) -> None:
    story = Story().asked(2000).said("refused", **told).books(unpaid(2000))

    assert words.explained(story.journal, SALE).holds is holds


def test_a_till_that_never_spoke_explains_nothing() -> None:
    with pytest.raises(NothingSeen):
        words.explained(Story().asked(2000).books(unpaid(2000)).journal, SALE)


@pytest.mark.parametrize(("answer", "owed"), [("accepted", 6000), ("refused", 4000)])
def test_a_hold_that_was_raised_is_what_the_sale_owes(answer: str, owed: int) -> None:
    story = Story().asked(4000).asked(6000, "raise_hold").said(answer, verb="raise_hold").said("accepted")

    assert charges.charged_balance(story.books(captured(owed)).journal, SALE).holds is True
    wrong = charges.charged_balance(story.books(captured(10_000 - owed)).journal, SALE)
    assert (wrong.holds, wrong.requirement) == (False, "FD-46")
