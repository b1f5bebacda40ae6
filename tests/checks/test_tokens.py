"""What an app does with connection tokens: each check holds, fails, and knows when it cannot tell."""

import pytest

from cardpresent.checks import tokens
from tests.checks.story import Story

CREATE = "connection_token.create"


@pytest.mark.parametrize(
    "story, holds",
    [
        (Story().till_asks(CREATE, params={"location": "tml_1"}), True),
        (Story().till_asks(CREATE, params={"location": "tml_1"}).till_asks(CREATE), False),
        (Story().till_asks(CREATE, params={"location": "tml_2"}), False),
        (Story(), None),
    ],
    ids=["for the shop", "once without", "for another shop", "no token"],
)
def test_limited_to_shop(story: Story, holds: bool | None) -> None:
    assert tokens.limited_to_shop(story.journal, "tml_1").holds is holds


def connected(*calls: str) -> Story:
    story = Story()
    for call in calls:
        story.till_asks(call)
    return story


@pytest.mark.parametrize(
    "story, holds",
    [
        (connected(CREATE, "sdk.activate", CREATE, "sdk.activate"), True),
        (connected(CREATE, "sdk.activate", "sdk.activate"), False),
        (Story().till_asks(CREATE, status=503).till_asks("sdk.activate").till_asks("sdk.activate"), False),
        (connected(CREATE, "sdk.activate"), None),
    ],
    ids=["a token each", "one for both", "the server had none", "connected once"],
)
def test_one_each_connection(story: Story, holds: bool | None) -> None:
    assert tokens.one_each_connection(story.journal).holds is holds
