"""Cards that are kept: one case in which each check holds, fails and cannot tell."""

from typing import Any

import pytest

from cardpresent.checks import saved
from tests.checks.story import SALE, Story, captured, unpaid


def card(allowed: str = "limited", customer: str | None = "cus_1") -> dict[str, Any]:
    return {"id": "pm_1", "customer": customer, "allow_redisplay": allowed}


def told(outcome: str) -> Story:
    return Story().said(outcome, verb="saved_card")


@pytest.mark.parametrize(
    ("story", "holds"),
    [
        (told("accepted").cards(card()), True),
        (told("refused").cards(), True),
        (told("accepted").cards(), False),
        (told("refused").cards(card()), False),
        (told("accepted").cards(card(customer=None)), False),
        (told("unknown").cards(card()), False),
        (told("accepted"), None),
        (Story().cards(card()), None),
    ],
)
def test_the_till_calls_kept_what_stripe_can_charge_later(story: Story, holds: bool | None) -> None:
    assert saved.kept_as_told(story.journal).holds is holds


def test_nothing_is_kept_that_nobody_asked_to_keep() -> None:
    assert saved.nothing_kept(Story().cards().journal).holds is True
    assert saved.nothing_kept(Story().cards(card()).journal).holds is False
    assert saved.nothing_kept(Story().cards(card(customer=None)).journal).holds is False
    assert saved.nothing_kept(Story().journal).holds is None


@pytest.mark.parametrize(
    ("allowed", "kept", "holds"),
    [
        ("limited", "limited", True),
        ("limited", "always", False),
        ("limited", "unspecified", False),
        ("always", "always", True),
        ("always", "limited", True),
    ],
)
def test_a_card_is_kept_for_no_more_than_its_owner_allowed(allowed: str, kept: str, holds: bool) -> None:
    journal = Story().asked(2000, consent=allowed).cards(card(kept)).journal

    assert saved.kept_as_allowed(journal).holds is holds


def test_where_nothing_is_kept_nothing_is_kept_for_more_than_allowed() -> None:
    assert saved.kept_as_allowed(Story().asked(2000, consent="limited").cards().journal).holds is None


def test_a_kept_card_pays_or_was_promised_in_vain() -> None:
    paid = Story().asked(2000).said("accepted").books(captured(2000)).journal
    refused = Story().asked(2000).said("refused").books(unpaid(2000)).journal

    assert saved.kept_card_pays(paid, SALE).holds is True
    assert saved.kept_card_pays(refused, SALE).holds is False
