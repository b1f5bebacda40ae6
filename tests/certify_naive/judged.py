"""One judge for every till whose findings are written down: all that was foretold is found, and nothing else."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cardpresent.model.outcome import Exit
from cardpresent.model.requirement import Register

ROOT = Path(__file__).parents[2]
Found = set[tuple[str, str]]


class Judged:
    """The tests of one till: `fixtures/integrations/NAME.toml` against `fixtures/tills/NAME.expected.toml`."""

    name: ClassVar[str]

    @classmethod
    def environment(cls) -> Mapping[str, str]:
        """What the till needs to be found here; fails with the way to get it where it is not."""
        return {}

    @pytest.fixture(scope="class")
    def expected(self) -> Any:
        text = (ROOT / "fixtures" / "tills" / f"{self.name}.expected.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)

    @pytest.fixture(scope="class")
    def run(self, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Any]:
        """The exit code and the report of one certification, as a team would run it."""
        out = tmp_path_factory.mktemp(self.name)
        command = [
            sys.executable, "-m", "cardpresent", "certify", "--integration", f"fixtures/integrations/{self.name}.toml",
            "--out", str(out), "--seed", "1",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **self.environment()}, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=400, check=False,
        )  # fmt: skip
        report = out / "report.json"
        assert report.is_file(), done.stderr.decode()[-2000:]
        return done.returncode, json.loads(report.read_text(encoding="utf-8"))

    def test_the_till_is_refused(self, run: tuple[int, Any], expected: Any) -> None:
        code, report = run

        assert report["verdict"] == expected["verdict"] == "refused"
        assert code == report["exit_code"] == Exit.REFUSED

    def test_everything_that_was_foretold_is_found(self, run: tuple[int, Any], expected: Any) -> None:
        assert foretold(expected, sometimes=False) - findings(run[1]) == set()

    def test_nothing_else_is_found(self, run: tuple[int, Any], expected: Any) -> None:
        assert findings(run[1]) - foretold(expected, sometimes=True) == set()

    def test_what_it_does_right_is_not_held_against_it(self, run: tuple[int, Any], expected: Any) -> None:
        red = {line["id"] for line in run[1]["requirements"] if line["outcome"] in {"failed", "warning"}}

        assert red & {row["requirement"] for row in expected["non_finding"]} == set()

    def test_the_till_is_blamed_for_all_of_it(self, run: tuple[int, Any]) -> None:
        blamed = {f["party"] for s in run[1]["scenarios"] for f in s["findings"] if f["holds"] is False}

        assert blamed == {"product"}

    def test_nothing_went_wrong_but_the_till(self, run: tuple[int, Any]) -> None:
        wrong = {"harness_error", "config_error", "inconclusive"}

        assert [s["id"] for s in run[1]["scenarios"] if s["outcome"] in wrong] == []
        assert run[1]["faults"] == []

    def test_what_is_written_down_is_of_this_register_and_gives_its_reason(self, expected: Any) -> None:
        register = Register.load(ROOT / "features" / "requirements.toml")
        rows = [*expected["finding"], *expected["non_finding"]]

        assert [row for row in rows if row["requirement"] not in register or len(row["because"]) < 20] == []
        assert {row["requirement"] for row in expected["finding"]}.isdisjoint(
            row["requirement"] for row in expected["non_finding"]
        )


def findings(report: Any) -> Found:
    return {
        (finding["requirement"], finding["check"])
        for scenario in report["scenarios"]
        for finding in scenario["findings"]
        if finding["holds"] is False
    }


def foretold(expected: Any, *, sometimes: bool) -> Found:
    return {
        (row["requirement"], row["check"])
        for row in expected["finding"]
        if sometimes or not row.get("sometimes", False)
    }
