"""From scenarios and findings to outcomes of requirements."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cardpresent.certificate.requirements import Attestation, judge, judge_supplementary
from cardpresent.model.capability import Capability
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.model.requirement import Register

ANSWERS = {"kind": "server-driven"}
CAPABILITIES = {"refund": Capability("present"), "offline": Capability("not_applicable", "server-driven")}


@pytest.fixture
def outcome_of(register: Register) -> Callable[..., tuple[str, str | None]]:
    def of(identifier: str, *records: dict[str, Any], **given: Any) -> tuple[str, str | None]:
        capabilities = given.pop("capabilities", CAPABILITIES)
        lines = {line.id: line for line in judge(register, ANSWERS, capabilities, records, **given)}
        return lines[identifier].outcome.value, lines[identifier].reason

    return of


def test_a_line_passes_when_every_scenario_tagged_with_it_passed(outcome_of: Any, record: Any) -> None:
    assert outcome_of("FD-26", record("FD-26"), record("FD-26", title="another")) == ("passed", None)


def test_a_finding_turns_its_own_line_red_wherever_it_was_made(outcome_of: Any, record: Any, finding: Any) -> None:
    broken = record("EX-05", "failed", findings=[finding("FD-26", headline="Declined while held")])

    assert outcome_of("FD-26", record("FD-26"), broken) == ("failed", "Declined while held")
    assert outcome_of("EX-05", record("FD-26"), broken)[0] == "inconclusive"


def test_a_tag_whose_own_findings_hold_was_shown_though_another_line_broke(
    outcome_of: Any, record: Any, finding: Any
) -> None:
    both = record(
        "EX-05", "failed", requirements=["EX-05", "FD-26"], findings=[finding("EX-05", holds=True), finding("FD-26")]
    )

    assert outcome_of("EX-05", both) == ("passed", None)
    assert outcome_of("FD-26", both)[0] == "failed"


def test_a_broken_should_is_a_warning_and_leaves_a_must_shown_by_all_steps(
    outcome_of: Any, record: Any, finding: Any
) -> None:
    warned = record("EX-04", "warning", requirements=["EX-04", "FD-26"], findings=[finding("EX-04")])
    stopped = {**warned, "steps": [*warned["steps"], {"keyword": "Then", "text": "paid", "status": "not reached"}]}

    assert outcome_of("EX-04", warned)[0] == "warning"
    assert outcome_of("FD-26", warned)[0] == "passed"
    assert outcome_of("FD-26", stopped)[0] == "inconclusive"


@pytest.mark.parametrize("ended", ["harness_error", "config_error", "inconclusive", "not_run", "not_demonstrated"])
def test_what_kept_a_scenario_from_judging_passes_to_its_lines(outcome_of: Any, record: Any, ended: str) -> None:
    kept = record("FD-26", ended, reason="the reason")

    assert outcome_of("FD-26", kept, record("FD-26", title="another")) == (ended, "the reason")


@pytest.mark.parametrize("ended", ["harness_error", "config_error", "inconclusive"])
def test_a_finding_of_a_doubtful_scenario_turns_nothing_red(
    outcome_of: Any, record: Any, finding: Any, ended: str
) -> None:
    assert outcome_of("FD-26", record("FD-26", ended, findings=[finding("FD-26")]))[0] == ended


@pytest.mark.parametrize(
    ("party", "expected"),
    [("harness", "harness_error"), ("configuration", "config_error"), ("environment", "inconclusive")],
)
def test_a_finding_blames_only_the_party_it_names(
    outcome_of: Any, record: Any, finding: Any, party: str, expected: str
) -> None:
    assert outcome_of("FD-26", record("FD-26", "failed", findings=[finding("FD-26", party=party)]))[0] == expected


def test_a_finding_that_decides_nothing_is_never_a_pass(outcome_of: Any, record: Any, finding: Any) -> None:
    blind = record("FD-26", findings=[finding("FD-26", holds=None, observed="saw no PaymentIntent")])

    assert outcome_of("FD-26", blind) == ("inconclusive", "saw no PaymentIntent")


def test_a_red_scenario_without_a_finding_is_the_suites_own_fault(outcome_of: Any, record: Any) -> None:
    assert outcome_of("FD-26", record("FD-26", "failed"))[0] == "harness_error"


def test_a_finding_that_names_no_line_is_the_suites_own_fault(outcome_of: Any, record: Any, finding: Any) -> None:
    assert outcome_of("FD-26", record("FD-26", "failed", findings=[finding("FD-99")]))[0] == "harness_error"


def test_a_line_no_scenario_decides_is_not_run(outcome_of: Any) -> None:
    assert outcome_of("FD-26")[0] == "not_run"


def test_a_line_keeps_its_written_reason_for_being_untested(outcome_of: Any) -> None:
    assert outcome_of("DC-06.1") == ("untested", "needs a physical reader")


def test_the_answer_that_sets_a_line_aside_is_its_reason(outcome_of: Any, record: Any, finding: Any) -> None:
    assert outcome_of("DC-01.1") == ("not_applicable", "kind = server-driven")
    assert outcome_of("FD-35") == ("not_applicable", "offline is not applicable: server-driven")


def test_a_breach_seen_is_not_set_aside_by_an_answer(outcome_of: Any, record: Any, finding: Any) -> None:
    assert outcome_of("DC-01.1", record("FD-26", "failed", findings=[finding("DC-01.1")]))[0] == "failed"


def test_a_capability_that_is_absent_leaves_its_lines_not_demonstrated(outcome_of: Any) -> None:
    assert outcome_of("FD-49", capabilities={"refund": Capability("absent")})[0] == "not_demonstrated"


def test_a_narrowed_run_leaves_the_rest_not_run_but_shows_its_breaches(
    outcome_of: Any, record: Any, finding: Any
) -> None:
    both = record("FD-26", requirements=["FD-26", "EX-05"])
    broken = record("FD-26", "failed", findings=[finding("FD-04")])

    assert outcome_of("FD-26", both, selected={"FD-26"})[0] == "passed"
    assert outcome_of("EX-05", both, selected={"FD-26"}) == ("not_run", "not selected for this run")
    assert outcome_of("FD-04", broken, selected={"FD-26"})[0] == "failed"


def test_supplementary_findings_change_no_line_and_stand_in_their_own_block(
    register: Register, outcome_of: Any, record: Any, finding: Any
) -> None:
    beside = record("FD-26", "failed", supplementary=True, title="partial", findings=[finding("FD-26")])

    assert outcome_of("FD-26", record("FD-26"), beside) == ("passed", None)
    assert [(line.id, line.outcome.value) for line in judge_supplementary(register, [beside])] == [("FD-26", "failed")]


def test_a_waiver_sets_a_breach_aside_up_to_its_day_and_no_doubt_ever(
    outcome_of: Any, record: Any, finding: Any, waiver: Any
) -> None:
    waiver = waiver("FD-26", reason="one reader", expires=date(2026, 12, 1))
    broken = record("FD-26", "failed", findings=[finding("FD-26")])
    doubtful = record("FD-26", "inconclusive", reason="nothing fired")

    assert outcome_of("FD-26", broken, waivers=[waiver], today=date(2026, 12, 1)) == ("waived", "one reader")
    assert outcome_of("FD-26", broken, waivers=[waiver], today=date(2026, 12, 2))[0] == "failed"
    assert outcome_of("FD-26", broken, waivers=[waiver])[0] == "failed"
    assert outcome_of("FD-26", doubtful, waivers=[waiver], today=date(2026, 12, 1))[0] == "inconclusive"


def test_the_owners_word_stands_only_where_the_suite_cannot_see(outcome_of: Any, record: Any, finding: Any) -> None:
    word = [Attestation("DC-03.3", "seen", "the owner"), Attestation("FD-26", "never happens", "the owner")]
    broken = record("FD-26", "failed", findings=[finding("FD-26")])

    assert outcome_of("DC-03.3", broken, attestations=word) == ("attested", "seen")
    assert outcome_of("FD-26", broken, attestations=word)[0] == "failed"


def test_every_line_of_the_register_gets_exactly_one_outcome(register: Register, record: Any) -> None:
    lines = judge(register, ANSWERS, CAPABILITIES, [record("FD-26")])

    assert [line.id for line in lines] == list(register.requirements)
    assert all(isinstance(line.outcome, ScenarioOutcome) for line in lines)
