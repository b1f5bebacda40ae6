"""Reports that were cut off, changed by hand, or never were any: told as such, whatever stands in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cardpresent.cli.main import main
from tests.cli.test_diff import report

LINE = {"id": "FD-01", "level": "must", "outcome": "passed", "statement": "It holds.", "reason": None}
WRONG: dict[str, dict[str, Any]] = {
    "its lines are no list": {"requirements": 5},
    "a line is no table": {"requirements": ["FD-01"]},
    "a line without an id": {"requirements": [{k: v for k, v in LINE.items() if k != "id"}]},
    "a line with an outcome nobody knows": {"requirements": [{**LINE, "outcome": "splendid"}]},
    "a line with a level nobody knows": {"requirements": [{**LINE, "level": "may"}]},
    "a line that is a list": {"requirements": [{**LINE, "id": ["FD-01"]}]},
    "its till is no table": {"till": ["corner shop"]},
    "its exit code is a list": {"exit_code": [0]},
    "its verdict is a table": {"verdict": {}},
}


def told_by(*words: Path | str) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
def test_a_report_that_was_changed_is_no_must_that_is_worse_off(tmp_path: Path, given: dict[str, Any]) -> None:
    old, new = report(tmp_path / "old", {"FD-01": "passed"}), report(tmp_path / "new", {}, **given)

    for words in ((old, new), (new, old)):
        ended = told_by("diff", *words)
        assert ended.exit_code == 2, ended.output
        assert len(ended.output.splitlines()) == 1
        assert "new/report.json" in ended.output


def test_a_report_that_nests_without_end_is_told_as_such(tmp_path: Path) -> None:
    old = report(tmp_path / "old", {})
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 200_000, encoding="utf-8")

    ended = told_by("diff", old, deep)

    assert ended.exit_code == 2
    assert "deep.json" in ended.output


SCENARIO = {"id": "features/a.feature::b", "outcome": "failed", "requirements": [], "findings": []}
TRIES: dict[str, Any] = {
    "attempts that are no list": {**SCENARIO, "tries": 3},
    "an attempt that is no table": {**SCENARIO, "tries": ["yesterday"]},
    "an attempt without an end": {**SCENARIO, "tries": [{"run": "a", "build": None, "broken": []}]},
    "an attempt that broke a number": {
        **SCENARIO, "tries": [{"run": "a", "build": None, "outcome": "failed", "broken": [1]}]
    },
    "a scenario without an id": {"outcome": "failed"},
}  # fmt: skip


@pytest.mark.parametrize("scenario", TRIES.values(), ids=TRIES)
def test_what_cannot_be_run_again_is_told_before_anything_runs(tmp_path: Path, scenario: dict[str, Any]) -> None:
    earlier = report(tmp_path / "earlier", {}, scenarios=[scenario], integration=None, seed="1")

    ended = told_by("certify", "--rerun", "failed", "--from", earlier, "--out", tmp_path / "out")

    assert ended.exit_code == 2, ended.output
    assert len(ended.output.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_file_named_by_a_number_is_no_integration_file(tmp_path: Path) -> None:
    earlier = report(tmp_path / "earlier", {}, scenarios=[{**SCENARIO, "tries": []}], integration=7, seed="²")

    assert told_by("certify", "--rerun", "failed", "--from", earlier, "--out", tmp_path / "out").exit_code == 2


def test_what_no_command_foresaw_is_a_fault_of_the_suite_and_refuses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = report(tmp_path / "old", {})
    secret = "sk_test_" + "a" * 24

    def breaks(*_: Any) -> Any:
        raise ZeroDivisionError(secret)

    monkeypatch.setattr("cardpresent.cli.diff.changes", breaks)

    ended = told_by("diff", old, old)

    assert ended.exit_code == 4
    assert "the suite itself failed, ZeroDivisionError" in ended.output
    assert secret not in ended.output


def test_who_is_called_away_is_not_told_that_a_till_was_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = report(tmp_path / "old", {})

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("cardpresent.cli.diff.changes", interrupted)

    assert told_by("diff", old, old).exit_code == 5
    json.loads((old / "report.json").read_text(encoding="utf-8"))
