"""What an app does for its reader: each check holds, fails, and knows when it cannot tell."""

import pytest

from cardpresent.checks import app
from tests.checks.story import SALE, Story


@pytest.mark.parametrize(
    "story, holds",
    [
        (Story().done("reader_placed", location="tml_1"), True),
        (Story().done("reader_placed", location="tml_2"), False),
        (Story().done("reader_placed", location=None), False),
        (Story(), None),
    ],
    ids=["at the shop", "at another", "nowhere", "nobody looked"],
)
def test_placed_at_shop(story: Story, holds: bool | None) -> None:
    assert app.placed_at_shop(story.journal, "tml_1").holds is holds


def unread(*words: str) -> Story:
    story = Story().said("unknown", "collecting", words="Waiting for a card.").done("card_not_read")
    for said in words:
        story.said("unknown", "collecting", words=said)
    return story


@pytest.mark.parametrize(
    "story, holds",
    [
        (unread("Present the card once more."), True),
        (unread("Waiting for a card."), False),
        (unread(""), False),
        (unread().books(), False),
        (unread(), None),
    ],
    ids=["asked again", "as before", "blank", "nothing new", "not heard"],
)
def test_card_asked_for_again(story: Story, holds: bool | None) -> None:
    assert app.card_asked_for_again(story.journal, SALE).holds is holds


def shown(*progress: str, words: str = "An update.", estimate: str = "4") -> Story:
    story = Story()
    for one in progress:
        story.done("reader_shown", words=words, update_estimate=estimate, update_progress=one)
    return story


@pytest.mark.parametrize("check", [app.update_announced, app.update_explained])
def test_words_about_an_update(check: object) -> None:
    assert check(shown("").journal).holds is True  # type: ignore[operator]
    assert check(shown("", words=" ").journal).holds is False  # type: ignore[operator]
    assert check(Story().journal).holds is None  # type: ignore[operator]


@pytest.mark.parametrize(
    "story, holds", [(shown(""), True), (shown("", estimate=""), False), (Story(), None)],
    ids=["said", "not said", "nobody looked"],
)
def test_update_estimated(story: Story, holds: bool | None) -> None:
    assert app.update_estimated(story.journal).holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (shown("0.00", "0.50"), True),
        (shown("0%", "50 %"), True),
        (shown("0.00", "0.00"), False),
        (shown("", ""), False),
        (shown("0.00"), None),
    ],
    ids=["grows", "in percent", "stands still", "not shown", "looked at once"],
)
def test_progress_shown(story: Story, holds: bool | None) -> None:
    assert app.progress_shown(story.journal).holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (Story().said("refused", verb="log_out"), True),
        (Story().said("accepted", verb="log_out"), False),
        (Story(), None),
    ],
    ids=["kept", "let go", "nobody tried"],
)
def test_not_left(story: Story, holds: bool | None) -> None:
    assert app.not_left(story.journal).holds is holds


def searched(stopped: str, again: str) -> Story:
    begun = Story().said("accepted", verb="find_readers")
    return begun.said(stopped, verb="stop_finding").said(again, verb="find_readers")


@pytest.mark.parametrize(
    "story, holds",
    [
        (searched("accepted", "accepted"), True),
        (searched("accepted", "refused"), False),
        (searched("refused", "accepted"), False),
        (Story().said("accepted", verb="find_readers"), None),
    ],
    ids=["ended", "goes on", "cannot be stopped", "not stopped"],
)
def test_search_ended(story: Story, holds: bool | None) -> None:
    assert app.search_ended(story.journal).holds is holds
