"""What is made of stories that went wrong: held against the till when they do so again, and only then."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cardpresent.actors.errors import Refuted, Undecided
from cardpresent.actors.story import Stimuli
from cardpresent.evidence.replay import Stimulus, read
from cardpresent.launch.keys import Secrets
from cardpresent.model.finding import Finding
from cardpresent.profile.prices import Prices
from steps.orders import Orders, Played

SALE = Finding("FD-03", "invariants.captured_as_told", True, "20.00 USD captured", "20.00 USD captured")
BROKEN = Finding("FD-14", "invariants.reader_released", False, "a reader at rest", "the reader still asking for a card")
ALL = {"retry": True, "cancel": True, "restart": True, "edit_sale": True}


class Scripted(Orders):
    """Stories end as `breaks` says of their stimuli and how often they were played."""

    breaks: Any = staticmethod(lambda told, times: False)

    def _play(self, stimuli: Stimuli) -> Played:
        times = sum(story.stimuli == stimuli for story in self.stories)
        findings = (SALE, BROKEN) if self.breaks(stimuli, times) else (SALE,)
        story = Played(stimuli, SimpleNamespace(staged=[]), findings, decided=True)  # type: ignore[arg-type]
        self.stories.append(story)
        return story


def integration() -> Any:
    present, absent = SimpleNamespace(state="present"), SimpleNamespace(state="absent")
    return SimpleNamespace(
        capability=lambda name: present if name in ALL else absent,
        till=SimpleNamespace(capture="manual", captures="till", name="corner shop", currencies=("usd",)),
        timing=SimpleNamespace(deadline_s=2.5),
    )


@pytest.fixture
def orders(tmp_path: Path) -> Scripted:
    run = SimpleNamespace(integration=integration(), seed=7, out=tmp_path, secrets=Secrets.mint())
    plan = SimpleNamespace(run=run, interleavings=60, replay=None, tries=3, stages=[])
    steps = [{"keyword": k, "text": k, "status": "passed"} for k in ("Given", "When", "Then")]
    record = {"id": "features/a.feature::B", "steps": steps, "replay": None}
    whole = SimpleNamespace(staged=[], findings=[], around=SimpleNamespace(prices=Prices("usd")))
    made = Scripted(plan, record, whole, fresh=lambda: None)  # type: ignore[arg-type]
    made.of("a sale")
    return made


def cancels(told: Stimuli) -> bool:
    return any(s.does == "cancels the sale" for s in told)


def test_where_every_story_holds_each_check_is_told_once(orders: Scripted) -> None:
    orders.befall()
    orders.judged()

    assert orders.whole.findings == [SALE]
    assert orders.record["replay"] is None
    assert orders.whole.staged[-1].startswith("in any order: 60 stories of ")


def test_what_goes_wrong_again_is_held_against_the_till_and_written_down(orders: Scripted) -> None:
    orders.breaks = lambda told, times: cancels(told)

    orders.befall()

    with pytest.raises(Refuted, match="FD-14"):
        orders.judged()
    replay = read(orders.plan.run.out / orders.record["replay"])
    assert [s.does for s in replay.stimuli][-1] == "cancels the sale"
    assert (replay.seed, replay.shows.requirement) == (7, "FD-14")
    assert "the same stimuli went wrong in 3 of 3 tries" in orders.whole.staged
    assert BROKEN in orders.whole.findings


def test_what_was_done_is_told_before_what_was_hoped_for(orders: Scripted) -> None:
    orders.breaks = lambda told, times: cancels(told)

    orders.befall()

    told = [step["text"] for step in orders.record["steps"]]
    assert told[:2] == ["Given", "When"]
    assert told[-2:] == ["cashier: cancels the sale", "Then"]


def test_what_never_shows_again_decides_nothing(orders: Scripted) -> None:
    orders.breaks = lambda told, times: cancels(told) and times == 0

    with pytest.raises(Undecided, match="seen once and not again in 2 tries"):
        orders.befall()

    assert orders.record["replay"] is not None
    assert orders.whole.findings == []


def test_stories_that_end_in_nothing_decide_nothing(orders: Scripted) -> None:
    with pytest.raises(Undecided, match="no order of things led to an end"):
        orders.judged()


def test_the_stories_of_a_seed_are_its_own(orders: Scripted) -> None:
    orders.befall()
    first = [story.stimuli for story in orders.stories]
    orders.stories.clear()

    orders.befall()

    assert [story.stimuli for story in orders.stories] == first
    assert Stimulus("cashier", "refunds") not in {s for told in first for s in told}
