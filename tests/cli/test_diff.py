"""`cardpresent diff`: no must may become worse, or go untested, unnoticed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cardpresent.certificate.report import SCHEMA
from cardpresent.cli.main import main
from cardpresent.model.outcome import ScenarioOutcome


def report(folder: Path, outcomes: Mapping[str, str], **given: Any) -> Path:
    """A run's folder with a report in which each line ended as told; ids that begin with EX are shoulds."""
    folder.mkdir()
    lines = [
        {"id": name, "level": "should" if name.startswith("EX") else "must", "outcome": outcome,
         "statement": f"{name} holds.", "reason": f"why {name} is {outcome}"}
        for name, outcome in outcomes.items()
    ]  # fmt: skip
    told = {
        "schema": SCHEMA, "verdict": "certified", "exit_code": 0, "counts": {}, "scenarios": [], "musts": {},
        "till": {"name": "corner shop"}, "venue": "emulator", "requirements": lines, "run": folder.name,
        "date": "2026-11-26", "selected": None, "register_revision": "2026.11", **given,
    }  # fmt: skip
    (folder / "report.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def diff(*words: Path | str) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, words)])


WORSE = [
    ("passed", "failed"), ("passed", "waived"), ("passed", "warning"), ("passed", "attested"),
    ("attested", "failed"), ("waived", "failed"), ("warning", "waived"), ("untested", "failed"),
    ("inconclusive", "failed"), ("not_applicable", "failed"),
]  # fmt: skip
LOST = ["untested", "not_run", "not_demonstrated", "inconclusive", "harness_error", "config_error", "not_applicable"]


@pytest.mark.parametrize(("was", "now"), [*WORSE, *(("passed", now) for now in LOST), ("failed", "not_run")])
def test_a_must_that_is_worse_off_ends_with_1_and_is_named(tmp_path: Path, was: str, now: str) -> None:
    old, new = report(tmp_path / "old", {"FD-04": was}), report(tmp_path / "new", {"FD-04": now})

    ended = diff(old, new)

    assert ended.exit_code == 1
    names = [outcome.replace("_", " ") for outcome in (was, now)]
    assert "FD-04, must: " in ended.output
    assert "1 must worse off, of 1 line that ended otherwise" in ended.output
    assert (now in LOST or now == "not_run") == ("no longer tested" in ended.output), names


def test_a_must_that_the_new_run_does_not_hold_at_all_gates(tmp_path: Path) -> None:
    old = report(tmp_path / "old", {"FD-04": "passed", "FD-26": "passed"})

    ended = diff(old, report(tmp_path / "new", {"FD-26": "passed"}))

    assert ended.exit_code == 1
    assert "line is gone: FD-04, must: passed, now no such line" in ended.output


@pytest.mark.parametrize(
    ("was", "now"),
    [("failed", "passed"), ("waived", "passed"), ("not_run", "passed"), ("untested", "attested"),
     ("attested", "passed"), ("not_run", "untested"), ("inconclusive", "not_run")],
)  # fmt: skip
def test_a_must_that_is_no_worse_off_does_not_gate_and_is_listed(tmp_path: Path, was: str, now: str) -> None:
    ended = diff(report(tmp_path / "old", {"FD-04": was}), report(tmp_path / "new", {"FD-04": now}))

    assert ended.exit_code == 0
    assert "FD-04, must" in ended.output


def test_a_should_is_listed_and_a_new_line_is_the_new_runs_own_affair(tmp_path: Path) -> None:
    old = report(tmp_path / "old", {"EX-04": "passed"})

    ended = diff(old, report(tmp_path / "new", {"EX-04": "warning", "FD-99": "failed"}))

    assert ended.exit_code == 0
    assert "worse: EX-04, should" in ended.output
    assert "new line: FD-99, must" in ended.output


def test_equal_runs_say_so(tmp_path: Path) -> None:
    same = {outcome.value.replace("_", "-"): outcome.value for outcome in ScenarioOutcome}

    ended = diff(report(tmp_path / "old", same), report(tmp_path / "new", same) / "report.json")

    assert (ended.exit_code, ended.output) == (0, "Every line ended as before\n")


def test_programs_get_the_same_as_json(tmp_path: Path) -> None:
    old = report(tmp_path / "old", {"FD-04": "passed", "FD-26": "failed"})
    new = report(tmp_path / "new", {"FD-04": "not_run", "FD-26": "passed"}, selected=["FD-26"], venue="test")

    ended = diff(old, new, "--json")

    told = json.loads(ended.output)
    assert (ended.exit_code, told["holds"]) == (1, False)
    assert [(c["id"], c["kind"], c["gates"]) for c in told["changes"]] == [
        ("FD-04", "lost", True), ("FD-26", "better", False),
    ]  # fmt: skip
    assert told["notes"] == ["another venue: emulator, now test", "the new run was narrowed"]
    assert told["old"] == {"run": "old", "date": "2026-11-26", "verdict": "certified", "venue": "emulator"}


def test_what_is_no_report_is_a_usage_error_in_one_sentence(tmp_path: Path) -> None:
    old = report(tmp_path / "old", {})
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "report.json").write_text("{", encoding="utf-8")

    missing, odd = diff(old, tmp_path / "nowhere"), diff(tmp_path / "odd", old)

    assert (missing.exit_code, odd.exit_code) == (2, 2)
    assert "nowhere/report.json: not found" in missing.output
    assert "odd/report.json: not valid JSON" in odd.output
    assert "Traceback" not in missing.output + odd.output
