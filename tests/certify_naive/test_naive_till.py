"""A suite that is right only about its own reference is worth nothing: here it meets a till from the field."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cardpresent.model.outcome import Exit
from cardpresent.model.requirement import Register

ROOT = Path(__file__).parents[2]
EXPECTED = tomllib.loads((ROOT / "fixtures" / "tills" / "naive_till.expected.toml").read_text(encoding="utf-8"))
Found = set[tuple[str, str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The exit code and the report of one certification, as a team would run it."""
    out = tmp_path_factory.mktemp("naive")
    command = [
        sys.executable, "-m", "cardpresent", "certify", "--integration", "fixtures/integrations/naive_till.toml",
        "--out", str(out), "--seed", "1",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=400, check=False)
    report = out / "report.json"
    assert report.is_file(), done.stderr.decode()[-2000:]
    return done.returncode, json.loads(report.read_text(encoding="utf-8"))


def findings(report) -> Found:
    return {
        (finding["requirement"], finding["check"])
        for scenario in report["scenarios"]
        for finding in scenario["findings"]
        if finding["holds"] is False
    }


def foretold(*, sometimes: bool) -> Found:
    return {
        (row["requirement"], row["check"])
        for row in EXPECTED["finding"]
        if sometimes or not row.get("sometimes", False)
    }


def test_the_naive_till_is_refused(run):
    code, report = run

    assert report["verdict"] == EXPECTED["verdict"] == "refused"
    assert code == report["exit_code"] == Exit.REFUSED


def test_everything_that_was_foretold_is_found(run):
    assert foretold(sometimes=False) - findings(run[1]) == set()


def test_nothing_else_is_found(run):
    assert findings(run[1]) - foretold(sometimes=True) == set()


def test_what_it_does_right_is_not_held_against_it(run):
    red = {line["id"] for line in run[1]["requirements"] if line["outcome"] in {"failed", "warning"}}

    assert red & {row["requirement"] for row in EXPECTED["non_finding"]} == set()


def test_nothing_went_wrong_but_the_till(run):
    broken = [s["id"] for s in run[1]["scenarios"] if s["outcome"] in {"harness_error", "config_error", "inconclusive"}]

    assert broken == []
    assert run[1]["faults"] == []


def test_what_is_written_down_is_of_this_register_and_gives_its_reason():
    register = Register.load(ROOT / "features" / "requirements.toml")
    rows = [*EXPECTED["finding"], *EXPECTED["non_finding"]]

    assert [row for row in rows if row["requirement"] not in register or len(row["because"]) < 20] == []
    assert {row["requirement"] for row in EXPECTED["finding"]}.isdisjoint(
        row["requirement"] for row in EXPECTED["non_finding"]
    )
