"""`cardpresent diff` of two load runs: no slower, no goal lost, no fault that was not there before, unnoticed."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cardpresent.cli.main import main
from tests.certificate import load_reports as runs


def diff(*words: Path | str) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, words)])


def saved(folder: Path, report: runs.Report) -> Path:
    return runs.save(folder, report)


def with_p95(p95: float | None, **given: Any) -> runs.Report:
    latency = {"p50": 181.0, "p95": p95, "p99": 640.0, "max": 900.0}
    return runs.report_of(runs.load_block(latency_ms=latency, **given))


def test_the_same_run_twice_is_no_worse(tmp_path: Path) -> None:
    one = saved(tmp_path / "old", runs.certified())

    ended = diff(one, one)

    assert ended.exit_code == 0
    assert "p95: 412 ms, now 412 ms (as before)" in ended.output
    assert "verdict: certified, now certified" in ended.output
    assert ended.output.endswith("No worse than before\n")


@pytest.mark.parametrize(
    ("now", "tolerance", "code"),
    [(492.0, [], 0), (496.0, [], 1), (496.0, ["--tolerance", "25%"], 0), (430.0, ["--tolerance", "0%"], 1),
     (300.0, [], 0), (None, [], 1)],
)  # fmt: skip
def test_p95_may_grow_by_the_tolerance_and_no_more(
    tmp_path: Path, now: float | None, tolerance: list[str], code: int
) -> None:
    old, new = saved(tmp_path / "old", with_p95(412.0)), saved(tmp_path / "new", with_p95(now))

    ended = diff(old, new, *tolerance)

    assert ended.exit_code == code
    assert ("worse: p95" in ended.output) == (code == 1)


def test_a_growth_that_is_refused_is_never_told_as_what_is_allowed(tmp_path: Path) -> None:
    old, new = saved(tmp_path / "old", with_p95(1000.0)), saved(tmp_path / "new", with_p95(1200.2))

    assert "worse: p95 grew by 20.02 %, more than 20 %" in diff(old, new).output


def test_every_measure_stands_beside_its_old_one_with_its_change(tmp_path: Path) -> None:
    old = saved(tmp_path / "old", with_p95(400.0))
    new = saved(tmp_path / "new", with_p95(420.0, per_s=2.97, error_rate=0.002, stripe_calls_per_payment=9.0))

    output = diff(old, new).output

    for said in (
        "p50: 181 ms, now 181 ms (as before)", "p95: 400 ms, now 420 ms (+5 %)", "p99: 640 ms, now 640 ms (as before)",
        "error_rate: 0 %, now 0.2 % (cannot be compared)", "payments_per_s: 3.3, now 2.97 (−10 %)",
        "stripe_calls: 7.2, now 9 (+25 %)",
    ):  # fmt: skip
        assert said in output, said


@pytest.mark.parametrize(("holds", "said"), [(False, "missed now, held before"), (None, "not decided now")])
def test_a_goal_that_was_held_gates_when_it_is_not_any_more(tmp_path: Path, holds: bool | None, said: str) -> None:
    goals = [runs.goal("payments_per_s", 3.0, 2.9, holds)]
    new = saved(tmp_path / "new", runs.report_of(runs.load_block(goals=goals)))

    ended = diff(saved(tmp_path / "old", runs.certified()), new)

    assert ended.exit_code == 1
    assert f"goal payments_per_s (at least 3): {said}" in ended.output


def test_a_goal_that_is_gone_new_or_another_number_is_told_and_does_not_gate(tmp_path: Path) -> None:
    goals = [runs.goal("p95_ms", 900, 412, True), runs.goal("p50_ms", 300, 181, True)]
    new = saved(tmp_path / "new", runs.report_of(runs.load_block(goals=goals)))

    ended = diff(saved(tmp_path / "old", runs.certified()), new)

    assert ended.exit_code == 0
    assert "goal p95 (at most 800 ms, now 900 ms): another goal" in ended.output
    assert "goal p50 (at most 300 ms): new" in ended.output
    assert "goal error_rate (at most 1 %): no longer set" in ended.output


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [("certified", "refused", 1), ("certified", "incomplete", 1), ("incomplete", "refused", 1),
     ("refused", "incomplete", 0), ("refused", "certified", 0)],
)  # fmt: skip
def test_a_verdict_may_not_become_worse(tmp_path: Path, was: str, now: str, code: int) -> None:
    old = saved(tmp_path / "old", runs.report_of(runs.load_block(), was))

    ended = diff(old, saved(tmp_path / "new", runs.report_of(runs.load_block(), now)))

    assert ended.exit_code == code
    assert f"verdict: {was}, now {now}" in ended.output


def test_a_fault_that_is_new_gates_and_one_that_is_gone_is_told(tmp_path: Path) -> None:
    charged = runs.report_of(runs.load_block(), "refused", findings=[runs.double_charge("S-1")])
    lost = runs.double_charge("S-9", requirement="FD-26", headline="A sale is lost")
    other = runs.report_of(runs.load_block(), "refused", findings=[lost])
    other["requirements"] = [runs.line("FD-26", "failed")]

    ended = diff(saved(tmp_path / "old", charged), saved(tmp_path / "new", other))

    assert ended.exit_code == 1
    assert "new fault: FD-26: A sale is lost" in ended.output
    assert "gone fault: FD-04: The customer" in ended.output


def test_the_same_fault_in_other_sales_is_the_same_fault(tmp_path: Path) -> None:
    old = runs.report_of(runs.load_block(), "refused", findings=[runs.double_charge("S-1")])
    new = runs.report_of(runs.load_block(), "refused", findings=[runs.double_charge("S-8"), runs.double_charge("S-9")])

    ended = diff(saved(tmp_path / "old", old), saved(tmp_path / "new", new))

    assert ended.exit_code == 0
    assert "fault as before: FD-04 in 1 sale, now 2" in ended.output


def test_two_runs_of_different_things_are_told_apart(tmp_path: Path) -> None:
    old = saved(tmp_path / "old", runs.certified())
    block = runs.load_block(name="soak", asked_s=28_800.0, duration_s=600.0)
    new = saved(tmp_path / "new", runs.report_of(block, venue="test"))

    output = diff(old, new).output

    for said in (
        "Note: another profile: lunch_rush, now soak", "Note: another venue: emulator, now test",
        "Note: another duration: 1 min, now 8 h", "Note: of the new run: this one was stopped after 10 min of 8 h",
    ):  # fmt: skip
        assert said in output, said


def test_a_load_run_is_not_held_against_a_certification(tmp_path: Path) -> None:
    load = saved(tmp_path / "load", runs.certified())
    other = runs.certified()
    del other["kind"], other["load"]
    certification = saved(tmp_path / "certified", other)

    for pair in ((load, certification), (certification, load)):
        ended = diff(*pair)
        assert ended.exit_code == 2
        assert f"{load} is a load run and {certification} a certification" in ended.output
    assert diff(certification, certification, "--tolerance", "5%").exit_code == 2


@pytest.mark.parametrize("tolerance", ["0.2", "20", "-5%", "much", "nan%"])
def test_a_tolerance_that_could_mean_two_things_is_refused(tmp_path: Path, tolerance: str) -> None:
    one = saved(tmp_path / "one", runs.certified())

    ended = diff(one, one, "--tolerance", tolerance)

    assert ended.exit_code == 2
    assert "write it like 20%" in ended.output


def test_a_block_that_was_changed_is_a_usage_error_that_names_the_file(tmp_path: Path) -> None:
    broken = saved(tmp_path / "odd", {**runs.certified(), "load": {"name": 7}})

    ended = diff(broken, broken)

    assert ended.exit_code == 2
    assert "odd: load: Expected `str`, got `int`" in ended.output


def test_programs_get_the_same_as_json(tmp_path: Path) -> None:
    old, new = saved(tmp_path / "old", with_p95(412.0)), saved(tmp_path / "new", runs.refused_by_goal())

    ended = diff(old, new, "--json")

    told = json.loads(ended.output)
    assert (ended.exit_code, told["holds"], told["tolerance"]) == (1, False, 0.2)
    p95 = next(each for each in told["measures"] if each["name"] == "p95_ms")
    assert (p95["old"], p95["new"], p95["gates"]) == (412.0, 1240.0, True)
    assert {"name": "p95_ms", "move": "missed", "gates": True, "old": {"goal": 800, "holds": True},
            "new": {"goal": 800, "holds": False}} in told["goals"]  # fmt: skip
    assert "the verdict was certified and is refused" in told["worse"]
