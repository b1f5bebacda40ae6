"""A suite that is right only about its own reference is worth nothing: here it meets tills from the field."""

import fcntl
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cardpresent.model.outcome import Exit
from cardpresent.model.requirement import Register
from tests.clients.clients import INSTALLED, needs

ROOT = Path(__file__).parents[2]
TILLS = ("naive_till", "naive_node", "js_sdk_page")
Found = set[tuple[str, str]]


@pytest.fixture(scope="module", params=TILLS)
def name(request):
    """A till, by the name of its integration file and of what is expected of it."""
    return request.param


@pytest.fixture(scope="module")
def expected(name):
    return tomllib.loads((ROOT / "fixtures" / "tills" / f"{name}.expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(name, tmp_path_factory, worker_id):
    """The exit code and the report of one certification, as a team would run it: one for all workers that ask."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / f"certified-{name}"
    with Path(f"{out}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code = Path(f"{out}.code")
        if not code.exists():
            code.write_text(str(certified(name, out)), encoding="utf-8")
    return int(code.read_text(encoding="utf-8")), json.loads((out / "report.json").read_text(encoding="utf-8"))


def certified(name, out) -> int:
    """The exit code of one certification of the till, whose report is in `out`."""
    command = [
        sys.executable, "-m", "cardpresent", "certify", "--integration", f"fixtures/integrations/{name}.toml",
        "--out", str(out), "--seed", "1",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **packages(name)}, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=400, check=False,
    )  # fmt: skip
    assert (out / "report.json").is_file(), done.stderr.decode()[-2000:]
    return done.returncode


def packages(name) -> dict[str, str]:
    """Where the till finds what it requires: the official stripe-node that `make clients` installs."""
    if name != "naive_node":
        return {}
    folder = INSTALLED / "node" / "node_modules"
    needs(folder / "stripe")
    return {"NODE_PATH": str(folder)}


def findings(report) -> Found:
    return {
        (finding["requirement"], finding["check"])
        for scenario in report["scenarios"]
        for finding in scenario["findings"]
        if finding["holds"] is False
    }


def foretold(expected, *, sometimes: bool) -> Found:
    return {
        (row["requirement"], row["check"])
        for row in expected["finding"]
        if sometimes or not row.get("sometimes", False)
    }


def test_the_till_is_refused(run, expected):
    code, report = run

    assert report["verdict"] == expected["verdict"] == "refused"
    assert code == report["exit_code"] == Exit.REFUSED


def test_everything_that_was_foretold_is_found(run, expected):
    assert foretold(expected, sometimes=False) - findings(run[1]) == set()


def test_nothing_else_is_found(run, expected):
    assert findings(run[1]) - foretold(expected, sometimes=True) == set()


def test_what_it_does_right_is_not_held_against_it(run, expected):
    red = {line["id"] for line in run[1]["requirements"] if line["outcome"] in {"failed", "warning"}}

    assert red & {row["requirement"] for row in expected["non_finding"]} == set()


def test_nothing_went_wrong_but_the_till(run):
    broken = [s["id"] for s in run[1]["scenarios"] if s["outcome"] in {"harness_error", "config_error", "inconclusive"}]

    assert broken == []
    assert run[1]["faults"] == []


def test_what_is_written_down_is_of_this_register_and_gives_its_reason(expected):
    register = Register.load(ROOT / "features" / "requirements.toml")
    rows = [*expected["finding"], *expected["non_finding"]]

    assert [row for row in rows if row["requirement"] not in register or len(row["because"]) < 20] == []
    assert {row["requirement"] for row in expected["finding"]}.isdisjoint(
        row["requirement"] for row in expected["non_finding"]
    )


def test_the_till_is_blamed_for_all_of_it(run):
    blamed = {finding["party"] for s in run[1]["scenarios"] for finding in s["findings"] if finding["holds"] is False}

    assert blamed == {"product"}


def test_what_was_redirected_says_by_what(run, name):
    redirection = run[1]["reliance"]["redirection"]

    assert ("redirected by a shim in Node.js with stripe-node 23.1.0" in redirection) is (name == "naive_node")
