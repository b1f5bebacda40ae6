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
