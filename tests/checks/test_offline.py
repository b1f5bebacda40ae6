"""Checks of payments taken without a network: each holds, fails, and knows when it cannot tell."""

from typing import Any

import pytest

from cardpresent.checks import offline
from cardpresent.checks.facts import NothingSeen
from tests.checks.story import SALE, Story, captured, held, unpaid


def listed(what: str | None = None, **more: Any) -> dict[str, Any]:
    """The till's list of stored payments, as a screen entry holds it."""
    told = {"listed": what, "owner": None, "overdue": None, "count": 0, "sum_stored": 0, "sum_lost": 0}
    return {"verb": "stored_payments", "worklist": {**told, **more}}


def stored() -> Story:
    return Story().asked(2000).done("offline").done("tap", card="approved").said("unknown", "stored")


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().books(), True),
        (Story().asked(2000).done("offline").said("accepted").books(), False),
        (Story().asked(2000).done("offline").said("refused").books(), False),
    ],
    ids=["stored", "called paid", "called not paid"],
)
def test_told_stored(story: Story, holds: bool) -> None:
    assert offline.told_stored(story.journal, SALE).holds is holds


def test_told_stored_needs_a_word() -> None:
    with pytest.raises(NothingSeen):
        offline.told_stored(Story().asked(2000).books().journal, SALE)


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().said("accepted", **listed("lost", owner="manager")).books(unpaid(2000)), True),
        (stored().said("accepted", **listed("lost")).books(unpaid(2000)), False),
        (stored().said("accepted", **listed("stored")).books(unpaid(2000)), False),
        (stored().said("accepted", **listed()).books(unpaid(2000)), False),
        (stored().books(unpaid(2000)), None),
    ],
    ids=["owned", "nobody's", "still stored", "not there", "no list"],
)
def test_lost_has_owner(story: Story, holds: bool | None) -> None:
    assert offline.lost_has_owner(story.journal, SALE).holds is holds


@pytest.mark.parametrize(
    "last, holds",
    [
        (listed("lost", sum_lost=2500), True),
        (listed("lost", sum_lost=500), False),
        (listed("lost", sum_lost=2500, sum_stored=2000), False),
        (listed("lost", sum_lost=None), None),
    ],
    ids=["counted", "left out", "counted twice", "no sums"],
)
def test_loss_in_sums(last: dict[str, Any], holds: bool | None) -> None:
    story = Story().said("accepted", **listed(sum_lost=500)).asked(2000).said("refused").said("accepted", **last)

    assert offline.loss_in_sums(story.books(unpaid(2000)).journal, SALE).holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().said("accepted", **listed("stored", overdue=True)), True),
        (stored().said("accepted", **listed("stored", overdue=False)), False),
        (stored().said("accepted", **listed("stored")), None),
        (stored(), None),
    ],
    ids=["marked", "not marked", "no marks at all", "no list"],
)
def test_listed_as_overdue(story: Story, holds: bool | None) -> None:
    assert offline.listed_as_overdue(story.journal, SALE).holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (Story().asked(2000).said("refused").books(), True),
        (Story().asked(2000).said("unknown", "stored").books(), False),
        (Story().asked(2000).said("unknown", "collecting").books(), False),
        (Story().asked(2000).said("refused").books(unpaid(2000)), False),
    ],
    ids=["refused", "stored", "asking for a card", "refused after it was begun"],
)
def test_refused_before_card(story: Story, holds: bool) -> None:
    assert offline.refused_before_card(story.journal, SALE).holds is holds


def test_refused_before_card_needs_the_books() -> None:
    with pytest.raises(NothingSeen):
        offline.refused_before_card(Story().asked(2000).said("refused").journal, SALE)


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().books(), True),
        (Story().asked(2000).said("refused").books(), True),
        (Story().asked(2000).said("refused", words="").books(), False),
        (Story().asked(2000).said("unknown").books(), False),
        (Story().asked(2000).said("accepted").books(), False),
    ],
    ids=["stored", "refused in words", "refused without a word", "not known", "called paid"],
)
def test_taken_or_explained(story: Story, holds: bool) -> None:
    assert offline.taken_or_explained(story.journal, SALE).holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().said("refused", verb="end_of_day"), True),
        (stored().said("accepted", verb="end_of_day"), False),
        (stored(), None),
    ],
    ids=["kept open", "closed", "never asked"],
)
def test_kept_open(story: Story, holds: bool | None) -> None:
    assert offline.kept_open(story.journal).holds is holds


def broken_link(before: str, after: str | None) -> Story:
    story = Story().asked(2000).said("unknown", "collecting", words=before)
    story.done("fault_armed", fault="reader_link_lost")
    return story if after is None else story.said("unknown", "collecting", words=after)


@pytest.mark.parametrize(
    "story, holds",
    [
        (broken_link("Present the card", "The reader is gone"), True),
        (broken_link("Present the card", "Present the card"), False),
        (broken_link("Present the card", ""), False),
        (broken_link("Present the card", None), False),
        (Story().asked(2000).done("fault_armed", fault="reader_link_lost"), None),
    ],
    ids=["told", "as before", "nothing", "no other word", "never heard"],
)
def test_link_loss_told(story: Story, holds: bool | None) -> None:
    assert offline.link_loss_told(story.journal, SALE).holds is holds


def marked(sale: str | None) -> dict[str, Any]:
    return {**captured(2000), "metadata": {"order": sale} if sale else {}}


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().books(marked(SALE)), True),
        (stored().books(marked("S2")), False),
        (stored().books(marked(None)), False),
        (stored().books(), None),
    ],
    ids=["its own", "another's", "none", "nothing at Stripe"],
)
def test_own_mark(story: Story, holds: bool | None) -> None:
    assert offline.own_mark(story.journal, SALE, "order").holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().books(captured(2000, brand="visa")), True),
        (stored().books(captured(2000, brand="mastercard")), False),
        (stored().books(captured(2000, brand="visa"), {**held(2000, "pi_2")}), False),
        (stored().books(unpaid(2000)), None),
    ],
    ids=["its own card", "another's", "both", "no charge"],
)
def test_own_card(story: Story, holds: bool | None) -> None:
    assert offline.own_card(story.journal, SALE, "visa").holds is holds


@pytest.mark.parametrize(
    "story, holds",
    [
        (stored().said("refused").books(), True),
        (stored().said("unknown", "collecting").books(unpaid(2000), reader_on="pi_1"), True),
        (stored().said("unknown", "collecting").books(unpaid(2000)), False),
        (stored().books(), False),
        (stored().said("accepted").books(), False),
    ],
    ids=["refused", "asking for another", "asking nobody", "stored", "called paid"],
)
def test_card_refused(story: Story, holds: bool) -> None:
    assert offline.card_refused(story.journal, SALE).holds is holds
