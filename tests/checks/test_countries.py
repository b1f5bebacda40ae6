"""Money by country: debit cards, refunds at the reader, two charges on one payment, foreign money."""

from typing import Any

import pytest

from cardpresent.checks import charges, countries, debit, invariants, refunds
from cardpresent.evidence.journal import Journal
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, captured, refund, unpaid

EIGHT = Money(800, "usd")
INTERAC = {"type": "interac_present", "interac_present": {"network": "interac", "brand": "visa"}}
EFTPOS = {"type": "card_present", "card_present": {"network": "eftpos_au", "brand": "visa"}}


def _with(details: dict[str, Any], intent: dict[str, Any], **charge: Any) -> dict[str, Any]:
    """A PaymentIntent whose charge was made on another network, or fell out otherwise."""
    first = {**intent["charges"][0], "payment_method_details": details, **charge}
    return {**intent, "charges": [first]}


def _declined(details: dict[str, Any]) -> dict[str, Any]:
    paid = captured(2000)
    lost = {"status": "failed", "captured": False, "amount_captured": 0, "failure_code": "card_declined"}
    return {**_with(details, paid, **lost), "status": "requires_payment_method", "capture_method": "manual"}


def _after_the_pin(**good: Any) -> dict[str, Any]:
    """Two charges on one PaymentIntent: the tap that was refused until the PIN came, and the payment."""
    paid = captured(2000)
    tap = {**paid["charges"][0], "id": "ch_tap", "status": "failed", "captured": False, "amount_captured": 0}
    return {**paid, "charges": [tap, {**paid["charges"][0], "id": "ch_good", **good}]}


# Debit cards that collect at once


@pytest.mark.parametrize("details", [INTERAC, EFTPOS], ids=["Interac", "eftpos"])
def test_a_debit_card_is_taken_or_was_turned_away_by_the_till(details: dict[str, Any]) -> None:
    taken = Story().asked(2000).books(_with(details, captured(2000))).journal
    forced = Story().asked(2000).books(_declined(details)).journal

    assert debit.collected_at_once(taken, SALE).holds is True
    finding = debit.collected_at_once(forced, SALE)
    assert (finding.holds, finding.requirement) == (False, "EX-17")
    assert "manual" in finding.observed


def test_another_card_says_nothing_of_debit_cards() -> None:
    journal = Story().asked(2000).books(captured(2000)).journal

    assert debit.collected_at_once(journal, SALE).holds is None
    assert debit.not_captured_again(journal, SALE).holds is None


@pytest.mark.parametrize(("captured_intent", "holds"), [("pi_1", False), ("pi_2", True)])
def test_a_capture_of_what_is_collected_already_is_found(captured_intent: str, holds: bool) -> None:
    story = Story().asked(2000).till_asks("payment_intent.capture", object_id=captured_intent)

    finding = debit.not_captured_again(story.books(_with(EFTPOS, captured(2000))).journal, SALE)

    assert (finding.holds, finding.requirement) == (holds, "FD-23")


# Refunds at the reader


def _refunded(*made: dict[str, Any], told: str = "accepted", booked: int | None = None, plain: bool = False) -> Journal:
    story = Story().asked(2000).refund_asked(800, "R1").said(told, verb="refund_sale", refund="R1")
    if plain:
        story.till_asks("refund.create", status=400, code="charge_not_refundable")
    record = None if booked is None else {"paid": 2000, "refunded": booked}
    story.said("accepted", record=record)
    return story.books(_with(INTERAC, captured(2000)), refunds=list(made)).journal


def test_an_interac_refund_reached_the_card_or_not() -> None:
    assert refunds.given_back_at_the_reader(_refunded(refund(800)), SALE, EIGHT).holds is True
    finding = refunds.given_back_at_the_reader(_refunded(told="refused", plain=True), SALE, EIGHT)
    assert (finding.holds, finding.requirement) == (False, "EX-18")
    assert "without the card" in finding.observed
    twice = refunds.given_back_at_the_reader(_refunded(refund(800), refund(800)), SALE, EIGHT)
    assert twice.holds is False


@pytest.mark.parametrize(
    ("told", "booked", "holds"),
    [
        pytest.param("refused", 0, True, id="told and booked as not made"),
        pytest.param("unknown", None, True, id="still not known, no books"),
        pytest.param("accepted", 0, False, id="told as made"),
        pytest.param("refused", 800, False, id="booked as made"),
    ],
)
def test_a_refund_that_the_reader_did_not_make_counts_nowhere(told: str, booked: int | None, holds: bool) -> None:
    finding = refunds.unfinished_not_counted(_refunded(told=told, booked=booked), SALE)

    assert (finding.holds, finding.requirement) == (holds, "FD-51")


def test_a_payment_that_is_not_interac_says_nothing_of_refunds_at_the_reader() -> None:
    journal = Story().asked(2000).refund_asked(800, "R1").said("refused", verb="refund_sale", refund="R1")
    journal_ = journal.books(captured(2000)).journal

    assert refunds.given_back_at_the_reader(journal_, SALE, EIGHT).holds is None
    assert refunds.unfinished_not_counted(journal_, SALE).holds is None


@pytest.mark.parametrize(
    ("made", "requirement"),
    [((), "FD-51"), ((refund(799),), "FD-06"), ((refund(1200),), "FD-49")],
    ids=["never made", "a cent short", "more than was told"],
)
def test_an_interac_refund_that_is_not_as_told_belongs_to_its_own_line(made: tuple[Any, ...], requirement: str) -> None:
    finding = invariants.refunds_as_told(_refunded(*made), SALE)

    assert finding is not None
    assert (finding.holds, finding.requirement) == (False, requirement)


# Two charges on one payment


@pytest.mark.parametrize(("booked", "holds"), [(2000, True), (None, True), (4000, False)])
def test_the_tap_that_was_refused_is_not_counted_beside_the_payment(booked: int | None, holds: bool) -> None:
    record = None if booked is None else {"paid": booked}
    journal = Story().asked(2000).said("accepted", record=record).books(_after_the_pin()).journal

    finding = charges.counted_once(journal, SALE)

    assert (finding.holds, finding.requirement) == (holds, "EX-19")


def test_one_charge_says_nothing_of_two() -> None:
    journal = Story().asked(2000).said("accepted").books(captured(2000)).journal

    assert charges.counted_once(journal, SALE).holds is None
    assert refunds.from_the_charge_that_succeeded(journal, SALE, EIGHT).holds is None


@pytest.mark.parametrize(("charge", "holds"), [("ch_good", True), ("ch_tap", False), (None, False)])
def test_a_refund_comes_from_the_charge_that_took_the_money(charge: str | None, holds: bool) -> None:
    given = [{**refund(800), "charge": charge}] if charge else []
    journal = Story().asked(2000).said("accepted").books(_after_the_pin(), refunds=given).journal

    finding = refunds.from_the_charge_that_succeeded(journal, SALE, EIGHT)

    assert (finding.holds, finding.requirement) == (holds, "EX-19")


# Amounts that are wrong by the currency's decimals


@pytest.mark.parametrize(
    ("given_back", "requirement"), [(8, "FD-05"), (80_000, "FD-05"), (799, "FD-06"), (900, "FD-49"), (0, "FD-50")]
)
def test_a_wrong_refund_is_told_apart_by_how_it_is_wrong(given_back: int, requirement: str) -> None:
    made = [refund(given_back)] if given_back else []
    journal = Story().asked(100_000).books(captured(100_000), refunds=made).journal

    assert charges.refunded_total(journal, SALE, EIGHT).requirement == requirement


def test_the_right_number_in_the_wrong_money_is_a_wrong_amount() -> None:
    journal = Story().asked(2000).books({**unpaid(2000), "currency": "eur"}).journal

    assert charges.amount_at_stripe(journal, SALE).holds is False


# What the readers of the shop cannot serve

CLEAR = "Not paid. The readers of this shop take no payment in EUR."


def _foreign(outcome: str, words: str, *intents: dict[str, Any], standing: str = "settled") -> Journal:
    return Story().asked(2000).said(outcome, standing, words=words).books(*intents).journal


def test_a_foreign_currency_is_refused_in_words() -> None:
    assert countries.currency_refused(_foreign("refused", CLEAR), SALE, True).holds is True
    assert countries.currency_refused(_foreign("refused", ""), SALE, False).holds is True


@pytest.mark.parametrize(
    ("journal", "requirement"),
    [
        pytest.param(_foreign("refused", ""), "FD-68", id="without a word"),
        pytest.param(_foreign("refused", "Card declined"), "FD-68", id="blamed on the card"),
        pytest.param(_foreign("unknown", CLEAR), "FD-68", id="never decided"),
        pytest.param(_foreign("unknown", "Tap", unpaid(2000), standing="collecting"), "EX-20", id="a card asked for"),
        pytest.param(_foreign("accepted", "Paid", captured(2000)), "EX-20", id="paid in other money"),
    ],
)
def test_a_foreign_currency_is_found_taken_or_unclear(journal: Journal, requirement: str) -> None:
    finding = countries.currency_refused(journal, SALE, True)

    assert (finding.holds, finding.requirement) == (False, requirement)
    assert finding.headline


def _abroad(*answers: tuple[str, str, str]) -> Journal:
    story = Story().done("reader_abroad", reader="tmr_9")
    for verb, outcome, words in answers:
        story.said(outcome, verb=verb, words=words)
    return story.journal


@pytest.mark.parametrize(
    ("journal", "holds", "requirement"),
    [
        pytest.param(_abroad(("bind_reader", "refused", "It stands abroad.")), True, "EX-20", id="at set-up"),
        pytest.param(_abroad(("start_sale", "refused", "Wrong place."), ("sale_state", "unknown", "")), True, "EX-20",
                     id="at the first sale"),
        pytest.param(_abroad(("bind_reader", "accepted", ""), ("start_sale", "refused", "Wrong place.")), False,
                     "FD-68", id="set up, then refused"),
        pytest.param(_abroad(("bind_reader", "refused", "")), False, "FD-68", id="without a word"),
        pytest.param(_abroad(("start_sale", "unknown", "Tap")), False, "EX-20", id="never refused"),
        pytest.param(_abroad(), None, "EX-20", id="nothing said"),
    ],
)  # fmt: skip
def test_a_reader_abroad_is_refused_at_the_first_chance(journal: Journal, holds: bool | None, requirement: str) -> None:
    finding = countries.reader_abroad_refused(journal, True)

    assert (finding.holds, finding.requirement) == (holds, requirement)
