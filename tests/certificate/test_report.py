"""The one raw report: its sums, its rows, and how it is kept on disk."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.report import (
    Fault,
    ReportError,
    Run,
    build_report,
    merge_rows,
    read_report,
    write_report,
)
from cardpresent.model.requirement import Register


def test_every_sum_of_a_report_adds_up(certified: Path, refused: Path, incomplete: Path) -> None:
    for out in (certified, refused, incomplete):
        report = read_report(out)
        counting = [s for s in report["scenarios"] if not s["supplementary"]]
        lines = report["requirements"]
        assert sum(report["counts"].values()) == len(counting)
        assert sum(report["requirement_counts"].values()) == len(lines)
        assert report["musts"]["applicable"] + report["shoulds"]["applicable"] + len(report["not_applicable"]) == len(
            lines
        )
        for level in ("musts", "shoulds"):
            tally = report[level]
            assert sum(tally["counts"].values()) - tally["counts"]["not_applicable"] == tally["applicable"]
            assert tally["met"] == tally["counts"]["passed"] + tally["counts"]["attested"]


def test_the_three_runs_end_as_their_findings_say(certified: Path, refused: Path, incomplete: Path) -> None:
    ends = [(read_report(out)["verdict"], read_report(out)["exit_code"]) for out in (certified, refused, incomplete)]

    assert ends == [("certified", 0), ("refused", 1), ("incomplete", 5)]


def test_the_rows_of_an_outline_are_one_scenario_with_the_worst_outcome(record: Any, finding: Any) -> None:
    rows = [
        record("FD-26", journal=[1, 9], duration_ms=10.0, log=["one"]),
        record("FD-26", "failed", journal=[10, 30], duration_ms=20.0, log=["two"], findings=[finding("FD-26")]),
        record("FD-26", "inconclusive", journal=[31, 40], reason="blind"),
    ]

    [merged] = merge_rows(rows)

    assert (merged["outcome"], merged["journal"], merged["attempts"]) == ("failed", [1, 40], 1)
    assert merged["log"] == ["one", "two"]
    assert [found["row"] for found in merged["findings"]] == [1]
    assert [row["outcome"] for row in merged["rows"]] == ["passed", "failed", "inconclusive"]


def test_red_that_no_line_would_show_leaves_the_run_incomplete(
    circumstances: Run, register: Register, record: Any, finding: Any
) -> None:
    stray = record("FD-26", "failed", findings=[finding("FD-26", holds=True), finding("I-3")])

    report = build_report(circumstances, register, [stray])

    assert (report["verdict"], report["exit_code"]) == ("incomplete", 4)
    assert "I-3" in report["faults"][0]["problem"]


def test_a_fault_of_the_whole_run_outweighs_its_passes(circumstances: Run, register: Register, record: Any) -> None:
    fault = Fault("configuration", "the till was never seen at the gateway")

    report = build_report(replace(circumstances, faults=(fault,)), register, [record("FD-26")])

    assert (report["verdict"], report["exit_code"]) == ("incomplete", 3)


def test_a_report_is_cleaned_before_it_is_anything(circumstances: Run, register: Register, record: Any) -> None:
    def clean(said: Any) -> Any:
        return json.loads(json.dumps(said).replace("sk_test_CANARY", "[removed]"))

    report = build_report(circumstances, register, [record("FD-26", log=["key sk_test_CANARY"])], clean)

    assert "CANARY" not in json.dumps(report)


def test_a_report_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Path) -> None:
    report = read_report(refused)
    write_report(tmp_path, {**report, "run": "first"})

    def torn(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", torn)
    with pytest.raises(OSError, match="disk full"):
        write_report(tmp_path, {**report, "run": "second"})

    assert read_report(tmp_path)["run"] == "first"
    assert sorted(path.name for path in tmp_path.glob("*report*")) == ["report.json"]
    assert not list(tmp_path.glob(".report*"))


def test_bytes_a_till_wrote_badly_do_not_stop_a_report(tmp_path: Path, refused: Path) -> None:
    write_report(tmp_path, {**read_report(refused), "run": "caf\udce9"})

    assert read_report(tmp_path)["run"] == "caf\udce9"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "not found"),
        ('{"verdict": "certi', "not valid JSON"),
        ("[]", "holds no report"),
        ('{"schema": 99}', "schema is 99"),
        ('{"schema": 1, "verdict": "certified"}', "key exit_code is missing"),
    ],
)
def test_a_report_that_cannot_be_used_says_why_and_where(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)

    with pytest.raises(ReportError, match=said) as error:
        read_report(tmp_path)

    assert str(tmp_path / "report.json") in str(error.value)


def test_a_verdict_nobody_reached_is_not_read(tmp_path: Path, certified: Path) -> None:
    write_report(tmp_path, {**read_report(certified), "verdict": "perfect"})

    with pytest.raises(ReportError, match="none of ours"):
        read_report(tmp_path)
