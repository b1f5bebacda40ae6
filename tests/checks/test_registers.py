"""What two registers do to each other, and which try is spoken of: held, broken, not to be told."""

import pytest

from cardpresent.checks import registers
from tests.checks.story import SALE, Story, captured, unpaid


def started(story: Story, register: str, words: str, outcome: str = "unknown") -> Story:
    return story.said(outcome, "collecting" if outcome == "unknown" else "settled", "start_sale", register=register,
                      words=words)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "outcome", "holds"),
    [
        pytest.param("Waiting", "unknown", False, id="the same words"),
        pytest.param("", "unknown", False, id="no words"),
        pytest.param("Register 1 is collecting this", "unknown", True, id="words of its own"),
        pytest.param("", "refused", True, id="refused"),
    ],
)
def test_a_second_register_hears_something_of_its_own(words: str, outcome: str, holds: bool) -> None:
    story = started(started(Story().asked(2000), "front", "Waiting"), "second", words, outcome)

    finding = registers.second_register_told(story.journal, SALE)

    assert (finding.holds, finding.check) == (holds, "registers.second_register_told")


def test_one_register_alone_decides_nothing() -> None:
    story = started(Story().asked(2000), "front", "Waiting")

    assert registers.second_register_told(story.journal, SALE).holds is None


def test_a_cancellation_leaves_the_other_sale_on_its_reader() -> None:
    def asked() -> Story:
        return Story().asked(2000).done("reader_asks").said("unknown", "collecting")

    gone = asked().books(unpaid(2000))
    there = asked().books(unpaid(2000), reader_on="pi_1")
    paid = asked().books(captured(2000))
    never = Story().asked(2000).said("refused").books(unpaid(2000))

    held = [registers.not_disturbed(story.journal, SALE).holds for story in (gone, there, paid, never)]
    assert held == [False, True, True, True]


@pytest.mark.parametrize(
    ("outcome", "standing", "holds"),
    [("refused", "settled", False), ("unknown", "collecting", True), ("unknown", "settled", True)],
)
def test_a_try_under_way_is_not_told_as_the_one_before(outcome: str, standing: str, holds: bool) -> None:
    story = Story().asked(2000).said(outcome, standing).books(unpaid(2000), reader_on="pi_1")

    assert registers.running_attempt_told(story.journal, SALE).holds is holds


def test_without_a_try_under_way_nothing_is_decided() -> None:
    story = Story().asked(2000).said("refused").books(unpaid(2000))

    assert registers.running_attempt_told(story.journal, SALE).holds is None
