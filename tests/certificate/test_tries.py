"""Every attempt of a scenario stands in the report, and one that held only at a later try says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Run, build_report
from cardpresent.certificate.requirements import judge
from cardpresent.certificate.tries import tries_of, with_tries
from cardpresent.model.requirement import Register

NOW = {"run": "second", "date": "2026-11-23", "venue": "emulator", "build": "7", "seed": "1"}
BEFORE = {**NOW, "run": "first"}


@pytest.fixture
def failed(record: Any, finding: Any) -> dict[str, Any]:
    return record("FD-26", "failed", findings=[finding("FD-26", expected="paid", observed="declined")])


def test_a_run_is_one_try_with_what_it_saw_broken(failed: Any) -> None:
    assert tries_of(failed, NOW) == [
        {**NOW, "outcome": "failed", "reason": None,
         "broken": [{"requirement": "FD-26", "expected": "paid", "observed": "declined"}]}
    ]  # fmt: skip


def test_repeats_are_tries_and_rows_of_an_outline_are_none(record: Any, finding: Any) -> None:
    rows = [
        {"attempt": 1, "outcome": "passed", "reason": None}, {"attempt": 1, "outcome": "failed", "reason": None},
        {"attempt": 2, "outcome": "passed", "reason": None}, {"attempt": 2, "outcome": "passed", "reason": None},
    ]  # fmt: skip
    merged = {**record("FD-26", "failed", findings=[{**finding("FD-26"), "row": 1}]), "rows": rows}

    (told,) = with_tries([merged], {}, NOW)

    assert told["attempts"] == 2
    assert [(one["outcome"], len(one["broken"])) for one in told["tries"]] == [("failed", 1), ("passed", 0)]
    assert told["outcome"] == "failed", "in one run the worst attempt counts"


def test_what_holds_only_at_a_later_try_of_the_same_build_is_a_warning_for_the_line_it_broke(
    register: Register, record: Any, failed: Any
) -> None:
    earlier = {failed["id"]: tries_of(failed, BEFORE)}

    told = with_tries([record("FD-26", requirements=["FD-26", "EX-05"])], earlier, NOW)

    assert (told[0]["outcome"], told[0]["unsteady"], told[0]["attempts"]) == ("warning", ["FD-26"], 2)
    outcomes = {line.id: (line.outcome.value, line.reason) for line in judge(register, {}, {}, told)}
    assert outcomes["FD-26"] == (
        "warning", "held at try 2; at try 1, in run first, FD-26 did not: expected paid, observed declined"
    )  # fmt: skip
    assert outcomes["EX-05"] == ("passed", None)


def test_a_line_that_the_scenario_is_not_about_is_warned_of_too(
    register: Register, record: Any, finding: Any
) -> None:
    elsewhere = record("FD-26", "failed", findings=[finding("FD-04")])
    told = with_tries([record("FD-26")], {elsewhere["id"]: tries_of(elsewhere, BEFORE)}, NOW)

    outcomes = {line.id: line.outcome.value for line in judge(register, {}, {}, told)}

    assert (outcomes["FD-04"], outcomes["FD-26"]) == ("warning", "passed")


@pytest.mark.parametrize("ended", ["inconclusive", "config_error", "harness_error", "not_run"])
def test_what_kept_the_suite_from_judging_before_is_nothing_against_the_till(record: Any, ended: str) -> None:
    before = tries_of(record("FD-26", ended, reason="no browser"), BEFORE)

    (told,) = with_tries([record("FD-26")], {record("FD-26")["id"]: before}, NOW)

    assert (told["outcome"], told["attempts"]) == ("passed", 2)
    assert told["tries"][0]["reason"] == "no browser"


def test_another_build_is_a_till_that_was_mended(record: Any, failed: Any) -> None:
    before = tries_of(failed, {**BEFORE, "build": "6"})

    (told,) = with_tries([record("FD-26")], {failed["id"]: before}, NOW)

    assert (told["outcome"], told["attempts"]) == ("passed", 2)


def test_a_build_that_nobody_declares_cannot_be_told_from_the_one_before(record: Any, failed: Any) -> None:
    before = tries_of(failed, {**BEFORE, "build": None})

    (told,) = with_tries([record("FD-26")], {failed["id"]: before}, {**NOW, "build": None})

    assert told["outcome"] == "warning"


def test_a_third_try_keeps_the_first_two(record: Any, failed: Any) -> None:
    first = tries_of(failed, BEFORE)
    (second,) = with_tries([failed], {failed["id"]: first}, NOW)

    (third,) = with_tries([record("FD-26")], {failed["id"]: second["tries"]}, {**NOW, "run": "third"})

    assert [one["run"] for one in third["tries"]] == ["first", "second", "third"]
    assert third["reason"].startswith("held at try 3; at try 2, in run second, FD-26 did not")


def test_the_page_shows_the_warning_each_attempt_and_which_run_was_run_again(
    circumstances: Run, register: Register, good: Any, failed: Any, saved: Any, tmp_path: Path
) -> None:
    about = {**BEFORE, "build": None}
    of = {"run": "first", "date": "2026-11-22", "verdict": "refused", "sha256": "ab" * 32}
    run = replace(circumstances, rerun_of=of, earlier={failed["id"]: tries_of(failed, about)}, selected=["FD-26"])

    report = build_report(run, register, good())
    page = write_page(saved(tmp_path / "again", report, [])).read_text(encoding="utf-8")

    assert (report["verdict"], report["exit_code"]) == ("incomplete", 5)
    assert report["rerun_of"] == of
    assert report["attempts"] == len(report["scenarios"]) + 1
    assert "Held at try 2; at try 1, in run first, FD-26 did not: expected paid, observed declined." in page
    assert "Failed in run <code>first</code>" in page
    assert "What did not pass in run <code>first</code> of 22 Nov 2026, which ended refused" in page
