"""Every operation of Stripe's document is put to use once, and a table says so."""

from pathlib import Path

import pytest

from tests.emulator import document
from tests.emulator.inside import Inside
from tests.emulator.stories import ONLY_REFUSED, STORIES, Shop

TABLE = Path(__file__).parents[2] / "reports" / "out" / "operations.md"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_ends_well_and_every_answer_is_as_documented(story):
    with Inside() as account:
        story(Shop(account))
        assert account.judged.settle() == []


def test_the_stories_put_every_operation_to_use():
    used: dict[str, str] = {}
    for story in STORIES:
        with Inside() as account:
            shop = Shop(account)
            story(shop)
            for operation in account.judged.exercised:
                used.setdefault(str(operation), story.__name__)
            for operation in shop.refusals:
                used.setdefault(str(operation), f"{story.__name__}: refused, for {ONLY_REFUSED[str(operation)]}")
    everything = [str(operation) for operation in document.OPERATIONS]
    missing = [operation for operation in everything if operation not in used]

    rows = [f"| `{operation}` | {used.get(operation, '**not exercised**')} |" for operation in everything]
    heading = (
        f"{len(everything) - len(missing)} of {len(everything)} operations exercised, "
        f"{len(ONLY_REFUSED)} of them by their refusal"
    )
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("\n".join([heading, "", "| operation | story |", "|---|---|", *rows, ""]), encoding="utf-8")

    assert missing == []
    assert {operation for operation in used if "refused" in used[operation]} == set(ONLY_REFUSED)
