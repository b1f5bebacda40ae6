"""The verdict of a load run: money first, then the goals, and neither of a run that never came to its end."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.load_build import SHOWN, LoadTold, build_load_report
from cardpresent.certificate.report import Fault, Run
from cardpresent.model.finding import Finding
from cardpresent.model.requirement import Register

REGISTER = Register.load(Path(__file__).parents[2] / "features" / "requirements.toml")
HELD, MISSED = ({"name": "p95_ms", "goal": 800, "measured": 500.0, "holds": holds} for holds in (True, False))
RIGHT = Finding("FD-03", "invariants.captured_as_told", True, "20.00 USD captured", "20.00 USD captured", (1,), "A")
TWICE = replace(RIGHT, requirement="FD-01", check="invariants.one_live_payment", holds=False)
CUT = Fault("environment", "interrupted from the keyboard")


def built(*findings: Finding, goal: dict[str, Any] = HELD, faults: tuple[Fault, ...] = ()) -> dict[str, Any]:
    run = Run(
        "a-run", "emulator", "7", {"name": "till"}, {}, {}, {}, {}, {}, date(2026, 11, 26), faults=faults
    )  # fmt: skip
    told = LoadTold(run, "load/ours", "Ours?", (1, 9), 1000.0, findings, {"goals": [goal]})
    return build_load_report(told, REGISTER, lambda said: said)


@pytest.mark.parametrize(
    ("report", "verdict", "code"),
    [
        (built(RIGHT), "certified", 0),
        (built(RIGHT, TWICE), "refused", 1),
        (built(RIGHT, goal=MISSED), "refused", 1),
        (built(RIGHT, faults=(CUT,)), "incomplete", 5),
        (built(RIGHT, goal=MISSED, faults=(CUT,)), "incomplete", 5),
        (built(RIGHT, TWICE, faults=(CUT,)), "refused", 1),
        (built(replace(RIGHT, holds=None)), "incomplete", 5),
        (built(), "incomplete", 5),
    ],
)
def test_the_worst_that_is_known_decides(report: dict[str, Any], verdict: str, code: int) -> None:
    assert (report["kind"], report["verdict"], report["exit_code"]) == ("load", verdict, code)


def test_a_line_that_nothing_was_found_on_is_not_spoken_of():
    assert {line["id"]: line["outcome"] for line in built(RIGHT, TWICE)["requirements"]} == {
        "FD-01": "failed", "FD-03": "passed",
    }  # fmt: skip


def test_what_befell_hundreds_of_sales_is_shown_for_some_and_counted_for_the_rest():
    many = [replace(TWICE, sale=f"S{number}") for number in range(SHOWN + 7)]
    report = built(RIGHT, *many)

    assert report["load"]["findings_left_out"] == 7
    assert sum(one["holds"] is False for one in report["scenarios"][0]["findings"]) == SHOWN
