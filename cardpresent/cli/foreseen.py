"""What each scenario of the suite may come to do, how often and for how long, before anything is started."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_bdd.parser import render_string

from cardpresent import actors
from cardpresent.cli import step_definitions
from cardpresent.cli.call_graph import NOTHING, Code, Reach
from cardpresent.cli.gherkin_lint import Scenario, Step, scenarios
from cardpresent.cli.step_definitions import StepDefinition
from cardpresent.profile.schema import Timing

STORIES: Final = "steps.orders"
CLOSING: Final = ("steps.closing", "close")
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
    steps: tuple[tuple[str, Reach], ...]
    page: bool
    # Of a scenario that tries things in random orders: seconds for each story, and for cutting one shorter.
    story_s: float = 0.0
    cutting_s: float = 0.0

    @property
    def reach(self) -> Reach:
        """All that it comes to."""
        return sum((reach for _, reach in self.steps), NOTHING)

    def bound_s(self, timing: Timing, stories: int) -> float:
        """The longest it may wait, if the till used up every bound that its file declares, each time."""
        waited, looked = 0.0, False
        for keyword, reach in self.steps:
            # A second look at a sale that has come to rest costs nothing.
            rests = keyword == "then" and looked
            waited += _waits_s(reach, timing, settled=rests)
            looked = keyword == "then"
        closing = self.rows * _settling_s(timing)
        return waited + closing + stories * self.story_s + self.cutting_s

    def usual_s(self, timing: Timing, stories: int) -> float:
        """What it takes at a till that answers at once: only what has to be waited out is."""
        reach = self.reach
        waited = sum(timing.late_s for _, each in self.steps if each.waits["late_s"])
        waited += sum(timing.deadline_s for _, each in self.steps if each.waits["deadline_s"])
        each = USUAL_S + (PAGE_S if self.page else 0.0)
        return self.rows * each + waited + RESTART_S * reach.deeds["kill"] + stories * self.story_s / 4


def _settling_s(timing: Timing) -> float:
    """Coming to rest, the last word on a sale, and coming to rest again."""
    return 2 * timing.settle_s + max(timing.settle_s, timing.unknown_within_s)


def _waits_s(reach: Reach, timing: Timing, *, settled: bool) -> float:
    waited = 0.0 if settled or not reach.waits["settle_s"] else _settling_s(timing)
    out = {"late_s": timing.late_s, "deadline_s": timing.deadline_s}
    return waited + sum(bound for name, bound in out.items() if reach.waits[name])


def foreseen(suite: Path) -> dict[str, Foreseen]:
    """Every scenario of the suite by its id."""
    code = Code(suite, Path(actors.__file__).parent)
    definitions, _ = step_definitions.read(suite)
    known: dict[tuple[str, str], Reach] = {}
    parsed, _ = scenarios(suite)
    return {
        f"{one.file}::{one.title}": _foreseen(one, tuple(_steps(one, code, definitions, known)), code)
        for one in parsed
    }


def _foreseen(scenario: Scenario, steps: tuple[tuple[str, Reach], ...], code: Code) -> Foreseen:
    told = any(text.startswith("everything that can befall") for text in (step.text for step in scenario.steps))
    story = (code.constant(STORIES, "STORY_S"), code.constant(STORIES, "SHORTER_S")) if told else (0.0, 0.0)
    return Foreseen(f"{scenario.file}::{scenario.title}", scenario.runs, steps, "page" in scenario.tags, *story)


def _steps(
    scenario: Scenario, code: Code, definitions: Sequence[StepDefinition], known: dict[tuple[str, str], Reach]
) -> Iterator[tuple[str, Reach]]:
    for row in scenario.rows or ({},):
        for step in scenario.steps:
            text = render_string(step.text, row)
            key = step.keyword, text
            if key not in known:
                known[key] = _reach(step, text, code, definitions)
            yield step.keyword, known[key]


def _reach(step: Step, text: str, code: Code, definitions: Sequence[StepDefinition]) -> Reach:
    found = next((one for one in definitions if one.matches(step.keyword, text)), None)
    return code.step(found.file, found.function) if found else NOTHING


def summed(every: Sequence[Foreseen]) -> Counter[str]:
    """How often the scenarios come to each verb and deed, together."""
    return sum((Counter(one.reach.verbs) + one.reach.deeds for one in every), Counter[str]())


def timing_of(timing: Timing) -> Mapping[str, float]:
    """The bounds that a plan is reckoned with, by their keys."""
    return {name: getattr(timing, name) for name in ("settle_s", "late_s", "unknown_within_s", "deadline_s")}
