"""Payments that a platform takes for others: on which account, for whom, and what the platform keeps."""

from typing import Any

import pytest

from cardpresent.checks import connect
from tests.checks.story import SALE, Story, captured, refund, unpaid

SELLER = "acct_1seller"


def _called(*accounts: str | None) -> Story:
    story = Story()
    for account in accounts:
        story.till_asks("payment_intent.retrieve", account=account)
    return story


def test_all_calls_are_made_on_one_account() -> None:
    assert connect.one_account(_called(SELLER, SELLER).journal, SELLER).holds is True
    assert connect.one_account(_called(None).journal, None).holds is True
    assert connect.one_account(_called(SELLER, None).journal, SELLER).holds is False
    assert connect.one_account(_called(SELLER).journal, None).holds is False
    assert connect.one_account(Story().journal, SELLER).holds is None


def _paid(**charge: Any) -> Story:
    payment = captured(2000)
    payment["charges"][0].update(charge)
    return Story().asked(2000).said("accepted").books(payment)


def test_the_seller_gets_the_payment() -> None:
    assert connect.seller_paid(_paid(transfer_data={"destination": SELLER}).journal, SALE, SELLER).holds is True
    assert connect.seller_paid(_paid(transfer_data={"destination": "acct_x"}).journal, SALE, SELLER).holds is False
    assert connect.seller_paid(_paid().journal, SALE, SELLER).holds is False
    nothing = Story().asked(2000).said("refused").books(unpaid(2000)).journal
    assert connect.seller_paid(nothing, SALE, SELLER).holds is None


def test_a_refund_takes_the_sellers_share_back() -> None:
    def after(*refunds: dict[str, Any]) -> bool | None:
        story = Story().asked(2000).said("accepted").books(captured(2000), refunds=list(refunds))
        return connect.seller_gives_back(story.journal, SALE).holds

    assert after({**refund(500), "transfer_reversal": "trr_1"}) is True
    assert after(refund(500)) is False
    assert after(refund(500, "failed")) is None


@pytest.mark.parametrize(("fee", "holds"), [(100, True), (99, True), (101, True), (102, False), (0, False)])
def test_the_fee_is_that_of_what_was_captured(fee: int, holds: bool) -> None:
    assert connect.fee_of_what_was_captured(_paid(application_fee_amount=fee).journal, SALE, 5.0).holds is holds


def test_a_fee_may_be_of_the_goods_or_of_all_with_the_tip() -> None:
    def kept(fee: int) -> bool | None:
        payment = captured(2400, tip=400)
        payment["charges"][0]["application_fee_amount"] = fee
        story = Story().asked(2000).said("accepted").books(payment)
        return connect.fee_of_what_was_captured(story.journal, SALE, 5.0).holds

    assert [kept(fee) for fee in (98, 100, 120, 122)] == [False, True, True, False]
    nothing = Story().asked(2000).said("refused").books(unpaid(2000)).journal
    assert connect.fee_of_what_was_captured(nothing, SALE, 5.0).holds is None


@pytest.mark.parametrize(
    ("outcome", "effects", "holds"),
    [("unknown", 0, True), ("refused", 0, True), ("unknown", 1, False), ("accepted", 0, False)],
    ids=["still waiting", "given up meanwhile", "a receipt printed", "paid"],
)
def test_an_event_of_another_account_sets_nothing_off(outcome: str, effects: int, holds: bool) -> None:
    story = Story().asked(2000).said(outcome, record={"paid": 0, "effects": effects})
    assert connect.nothing_set_off(story.journal, {"record": {"paid": 0, "effects": 0}}, SALE).holds is holds
    assert connect.nothing_set_off(Story().journal, {}, SALE).holds is None
