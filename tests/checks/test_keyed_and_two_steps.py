"""Typed-in card numbers and cards that are read first: one case in which each check holds, fails and cannot tell."""

import pytest

from cardpresent.checks import collected, keyed
from tests.checks.story import SALE, Story, captured, unpaid

PROCESS = "reader.process_payment_intent"
MOTO = {"payment_intent": "pi_1", "process_config": {"moto": "true"}}
PLAIN = {"payment_intent": "pi_1"}


def _sale(*, by_telephone: bool, asks: dict[str, object]) -> Story:
    told = {"moto": True} if by_telephone else {}
    return Story().asked(2000, **told).till_asks(PROCESS, params=asks)


def test_a_number_is_typed_in_by_telephone_and_at_no_counter() -> None:
    for by_telephone, asks in [(True, MOTO), (False, PLAIN)]:
        right = _sale(by_telephone=by_telephone, asks=asks).books(unpaid(2000)).journal
        assert keyed.typed_only_by_telephone(right, SALE).holds is True
    for by_telephone, asks in [(True, PLAIN), (False, MOTO)]:
        wrong = _sale(by_telephone=by_telephone, asks=asks).books(unpaid(2000)).journal
        assert keyed.typed_only_by_telephone(wrong, SALE).holds is False


def test_an_order_by_telephone_that_was_charged_as_a_card_present_was_not_typed_in() -> None:
    journal = _sale(by_telephone=True, asks=MOTO).books(captured(2000)).journal

    assert keyed.typed_only_by_telephone(journal, SALE).observed == "charged as card_present"


def test_a_reader_that_was_asked_for_nothing_tells_nothing() -> None:
    assert keyed.typed_only_by_telephone(Story().asked(2000).books(unpaid(2000)).journal, SALE).holds is None


def test_the_cart_leaves_the_reader_before_a_number_is_asked_for() -> None:
    shown = Story().till_asks("reader.set_reader_display")
    assert keyed.display_cleared_first(shown.till_asks(PROCESS, params=MOTO).journal).holds is False

    cleared = Story().till_asks("reader.set_reader_display").till_asks("reader.cancel_action")
    assert keyed.display_cleared_first(cleared.till_asks(PROCESS, params=MOTO).journal).holds is True

    assert keyed.display_cleared_first(Story().till_asks(PROCESS, params=MOTO).journal).holds is None


@pytest.mark.parametrize("end", collected.ENDS)
def test_a_card_that_was_read_is_confirmed_or_let_go_in_time(end: str) -> None:
    read = Story().asked(2000).till_asks("reader.collect_payment_method").done("tap", card="approved")

    assert collected.ended_in_time(read.till_asks(end).done("half_a_minute").journal, SALE).holds is True


def test_a_card_that_was_read_and_left_is_found() -> None:
    read = Story().asked(2000).till_asks("reader.collect_payment_method").done("tap", card="approved")
    late = read.done("half_a_minute").till_asks("reader.confirm_payment_intent")

    assert collected.ended_in_time(late.journal, SALE).holds is False
    slow = Story().asked(2000).till_asks("reader.collect_payment_method").done("tap", card="approved")
    assert collected.ended_in_time(slow.till_asks("reader.cancel_action", at_ms=31_000).journal, SALE).holds is False


def test_a_card_that_was_charged_at_once_was_not_read_first() -> None:
    journal = Story().asked(2000).till_asks(PROCESS).done("tap", card="approved").journal

    assert collected.ended_in_time(journal, SALE).holds is None


def test_a_plain_confirm_of_a_card_that_is_present_is_found() -> None:
    present = {**captured(2000), "payment_method_types": ["card_present"]}
    online = {**captured(2000), "payment_method_types": ["card"]}

    def judged(intent: dict[str, object]) -> bool | None:
        story = Story().asked(2000).till_asks("payment_intent.confirm", object_id="pi_1").books(dict(intent))
        return collected.never_confirmed_by_server(story.journal, SALE).holds

    assert judged(present) is False
    assert judged(online) is None
    clean = Story().asked(2000).books(dict(present)).journal
    assert collected.never_confirmed_by_server(clean, SALE).holds is True
