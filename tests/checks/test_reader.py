"""The reader's part of a sale."""

from cardpresent.checks import reader
from tests.checks.story import SALE, Story


def test_a_reader_that_asks_for_no_card_is_found_with_what_the_till_says() -> None:
    asks = Story().asked(2000).said("unknown", "collecting").done("reader_asks", reader="a reader that asks for one")
    rests = Story().asked(2000).said("refused").done("reader_takes_no_card", reader="a reader at rest")
    unseen = Story().asked(2000).said("refused")

    assert reader.asks_for_card(asks.journal, SALE, "FD-33").holds is True
    assert reader.asks_for_card(unseen.journal, SALE, "FD-33").holds is None
    found = reader.asks_for_card(rests.journal, SALE, "FD-33")
    assert (found.holds, found.requirement) == (False, "FD-33")
    assert found.observed == "a reader at rest; the till says refused, “refused”"


def test_a_price_with_rounding_noise_breaks_the_line_on_amounts_whatever_the_scenario_is_about() -> None:
    def story(*, create: str = "payment_intent.create", param: str = "amount") -> Story:
        told = Story().asked(1999).till_asks(create, status=400, code="parameter_invalid_integer", param=param)
        return told.said("refused").done("reader_takes_no_card", reader="a reader at rest")

    other_reasons = [story(create="refund.create"), story(param="application_fee_amount")]

    noise = reader.asks_for_card(story().journal, SALE, "FD-02")
    assert (noise.holds, noise.requirement) == (False, "FD-06")
    assert {reader.asks_for_card(told.journal, SALE, "FD-02").requirement for told in other_reasons} == {"FD-02"}
    begun = Story().till_asks("payment_intent.create", status=400, code="parameter_invalid_integer", param="amount")
    before = begun.asked(2000).said("refused").done("reader_takes_no_card", reader="a reader at rest")
    assert reader.asks_for_card(before.journal, SALE, "FD-02").requirement == "FD-02"
