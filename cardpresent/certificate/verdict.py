"""What a run is worth: one verdict and one exit code, from outcomes alone."""

from collections.abc import Collection
from typing import Final

from cardpresent.model.outcome import Exit, ScenarioOutcome, Verdict

UNDECIDED: Final = frozenset(
    [ScenarioOutcome.INCONCLUSIVE, ScenarioOutcome.NOT_RUN, ScenarioOutcome.NOT_DEMONSTRATED],
)
# A scenario with one of these did something at the till; the others only say why nothing was done.
EXECUTED: Final = frozenset(
    [
        ScenarioOutcome.FAILED, ScenarioOutcome.INCONCLUSIVE, ScenarioOutcome.WAIVED, ScenarioOutcome.WARNING,
        ScenarioOutcome.PASSED,
    ],
)


def decide(
    musts: Collection[ScenarioOutcome],
    scenarios: Collection[ScenarioOutcome],
    *,
    harness_fault: bool = False,
    configuration_fault: bool = False,
    cut_short: bool = False,
) -> tuple[Verdict, Exit]:
    """The verdict over the outcomes of all applicable musts and of all scenarios, supplementary ones left out.

    The flags are faults of the run as a whole, such as a till that never answered; `cut_short` is one of the
    surroundings, such as an interrupt. Worst cause first: a must failed → refused, 1; a harness fault → incomplete, 4;
    a configuration fault → incomplete, 3; a must undecided, nothing executed or a run cut short → incomplete, 5; else
    certified, 0. `untested` never blocks.
    """
    if ScenarioOutcome.FAILED in musts:
        return "refused", Exit.REFUSED
    if harness_fault or ScenarioOutcome.HARNESS_ERROR in (*musts, *scenarios):
        return "incomplete", Exit.HARNESS
    if configuration_fault or ScenarioOutcome.CONFIG_ERROR in (*musts, *scenarios):
        return "incomplete", Exit.CONFIGURATION
    if cut_short or not UNDECIDED.isdisjoint(musts) or EXECUTED.isdisjoint(scenarios):
        return "incomplete", Exit.INCOMPLETE
    return "certified", Exit.CERTIFIED
