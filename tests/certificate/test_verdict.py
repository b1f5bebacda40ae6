"""The verdict over every combination of causes."""

from itertools import product

import pytest

from cardpresent.certificate.verdict import decide
from cardpresent.model.outcome import Exit, ScenarioOutcome

PASSED = ScenarioOutcome.PASSED
BLOCKING = {
    ScenarioOutcome.FAILED: ("refused", Exit.REFUSED),
    ScenarioOutcome.HARNESS_ERROR: ("incomplete", Exit.HARNESS),
    ScenarioOutcome.CONFIG_ERROR: ("incomplete", Exit.CONFIGURATION),
    ScenarioOutcome.INCONCLUSIVE: ("incomplete", Exit.INCOMPLETE),
    ScenarioOutcome.NOT_RUN: ("incomplete", Exit.INCOMPLETE),
    ScenarioOutcome.NOT_DEMONSTRATED: ("incomplete", Exit.INCOMPLETE),
}


@pytest.mark.parametrize("outcome", list(ScenarioOutcome))
def test_one_must_among_passes_decides(outcome: ScenarioOutcome) -> None:
    expected = BLOCKING.get(outcome, ("certified", Exit.CERTIFIED))

    assert decide([PASSED, outcome], [PASSED]) == expected


@pytest.mark.parametrize(("one", "other"), list(product(ScenarioOutcome, ScenarioOutcome)))
def test_of_two_musts_the_worse_decides(one: ScenarioOutcome, other: ScenarioOutcome) -> None:
    ranked = [outcome for outcome in BLOCKING if outcome in (one, other)]
    expected = BLOCKING[ranked[0]] if ranked else ("certified", Exit.CERTIFIED)

    assert decide([one, other], [PASSED]) == expected
    assert decide([other, one], [PASSED]) == expected


@pytest.mark.parametrize(
    ("failed", "harness", "configuration", "undecided", "executed"), list(product([False, True], repeat=5))
)
def test_every_combination_of_causes_ends_by_its_worst(
    failed: bool, harness: bool, configuration: bool, undecided: bool, executed: bool
) -> None:
    musts = [PASSED] + [ScenarioOutcome.FAILED] * failed + [ScenarioOutcome.NOT_RUN] * undecided
    scenarios = [PASSED if executed else ScenarioOutcome.NOT_RUN]
    if failed:
        expected = ("refused", Exit.REFUSED)
    elif harness:
        expected = ("incomplete", Exit.HARNESS)
    elif configuration:
        expected = ("incomplete", Exit.CONFIGURATION)
    elif undecided or not executed:
        expected = ("incomplete", Exit.INCOMPLETE)
    else:
        expected = ("certified", Exit.CERTIFIED)

    assert decide(musts, scenarios, harness_fault=harness, configuration_fault=configuration) == expected


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(ScenarioOutcome.HARNESS_ERROR, Exit.HARNESS), (ScenarioOutcome.CONFIG_ERROR, Exit.CONFIGURATION)],
)
def test_a_fault_in_a_scenario_of_shoulds_alone_leaves_the_run_incomplete(outcome: ScenarioOutcome, code: Exit) -> None:
    assert decide([PASSED], [PASSED, outcome]) == ("incomplete", code)


@pytest.mark.parametrize("scenarios", [[], [ScenarioOutcome.UNTESTED], [ScenarioOutcome.NOT_APPLICABLE]])
def test_a_run_that_executed_nothing_is_incomplete(scenarios: list[ScenarioOutcome]) -> None:
    assert decide([], scenarios) == ("incomplete", Exit.INCOMPLETE)


def test_a_run_cut_short_is_never_certified() -> None:
    assert decide([PASSED], [PASSED], cut_short=True) == ("incomplete", Exit.INCOMPLETE)
    assert decide([ScenarioOutcome.FAILED], [PASSED], cut_short=True) == ("refused", Exit.REFUSED)
