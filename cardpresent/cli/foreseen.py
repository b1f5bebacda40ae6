"""What each scenario of the suite may come to do, how often and for how long, before anything is started."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardpresent.cli import step_definitions
from cardpresent.cli.call_graph import code_of
from cardpresent.cli.doings import NOTHING, Doings, Reckoner
from cardpresent.cli.gherkin_lint import Scenario, scenarios
from cardpresent.cli.step_definitions import StepDefinition
from cardpresent.profile.schema import Timing

STORIES: Final = "steps.orders"
# What starting a scenario, tapping a card and reading the books takes on a machine of today, page or not; a killed till
# that is started again. Measured on the reference POS, rounded up.
USUAL_S: Final = 0.4
PAGE_S: Final = 1.0
RESTART_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One scenario, all its rows together. `steps` has (keyword, what it comes to) for every step of every row."""

    id: str
    rows: int
    steps: tuple[tuple[str, Doings], ...]
    page: bool
    # Of a scenario that tries things in random orders: seconds for each story, and for cutting one shorter.
    story_s: float = 0.0
    cutting_s: float = 0.0

    @property
    def doings(self) -> Doings:
        """All that it comes to."""
        return sum((doings for _, doings in self.steps), NOTHING)

    def bound_s(self, timing: Timing, stories: int) -> float:
        """The longest it may wait, if the till used up every bound that its file declares, each time."""
        waited, looked = 0.0, False
        for keyword, doings in self.steps:
            # A second look at a sale that has come to rest costs nothing.
            rests = keyword == "then" and looked
            waited += _waits_s(doings, timing, settled=rests)
            looked = keyword == "then"
        closing = self.rows * _settling_s(timing)
        return waited + closing + stories * self.story_s + self.cutting_s

    def usual_s(self, timing: Timing, stories: int) -> float:
        """What it takes at a till that answers at once: only what has to be waited out is."""
        doings = self.doings
        waited = sum(timing.late_s for _, each in self.steps if each.waits["late_s"])
        waited += sum(timing.deadline_s for _, each in self.steps if each.waits["deadline_s"])
        each = USUAL_S + (PAGE_S if self.page else 0.0)
        return self.rows * each + waited + RESTART_S * doings.deeds["kill"] + stories * self.story_s / 4


def _settling_s(timing: Timing) -> float:
    """Coming to rest, the last word on a sale, and coming to rest again."""
    return 2 * timing.settle_s + max(timing.settle_s, timing.unknown_within_s)


def _waits_s(doings: Doings, timing: Timing, *, settled: bool) -> float:
    waited = 0.0 if settled or not doings.waits["settle_s"] else _settling_s(timing)
    out = {"late_s": timing.late_s, "deadline_s": timing.deadline_s}
    return waited + sum(bound for name, bound in out.items() if doings.waits[name])


def foreseen(suite: Path) -> dict[str, Foreseen]:
    """Every scenario of the suite by its id."""
    reckoner = Reckoner(code_of(suite))
    definitions, _ = step_definitions.read(suite)
    known: dict[tuple[str, str], Doings] = {}
    parsed, _ = scenarios(suite)
    return {
        f"{one.file}::{one.title}": _foreseen(one, tuple(_steps(one, reckoner, definitions, known)), reckoner)
        for one in parsed
    }


def _foreseen(scenario: Scenario, steps: tuple[tuple[str, Doings], ...], reckoner: Reckoner) -> Foreseen:
    told = any(text.startswith("everything that can befall") for text in (step.text for step in scenario.steps))
    story = (reckoner.constant(STORIES, "STORY_S"), reckoner.constant(STORIES, "SHORTER_S")) if told else (0.0, 0.0)
    return Foreseen(f"{scenario.file}::{scenario.title}", scenario.runs, steps, "page" in scenario.tags, *story)


def _steps(
    scenario: Scenario,
    reckoner: Reckoner,
    definitions: Sequence[StepDefinition],
    known: dict[tuple[str, str], Doings],
) -> Iterator[tuple[str, Doings]]:
    for spoken in scenario.spoken():
        if spoken not in known:
            found = next((one for one in definitions if one.matches(*spoken)), None)
            known[spoken] = reckoner.step(found.file, found.function) if found else NOTHING
        yield spoken[0], known[spoken]


def summed(every: Sequence[Foreseen]) -> Counter[str]:
    """How often the scenarios come to each verb and deed, together."""
    return sum((Counter(one.doings.verbs) + one.doings.deeds for one in every), Counter[str]())


def timing_of(timing: Timing) -> Mapping[str, float]:
    """The bounds that a plan is reckoned with, by their keys."""
    return {name: getattr(timing, name) for name in ("settle_s", "late_s", "unknown_within_s", "deadline_s")}
