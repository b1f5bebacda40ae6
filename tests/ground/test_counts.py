"""What the features say and what pytest collects from them are the same number: no scenario is dropped in silence."""

import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from cardpresent.cli.gherkin_lint import lint, scenarios

ROOT = Path(__file__).parents[2]


OWN_CONFIGURATION = ("-c", "reports/pytest.ini", "--rootdir", ".", "--confcutdir", ".")


@cache
def collected(*options: str) -> list[str]:
    """Node ids of what pytest collects from features/, in a process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "features", "--collect-only", "-q", *options],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return [line for line in answer.stdout.splitlines() if "::" in line]


def per_file(node_ids: list[str]) -> Counter[str]:
    return Counter(re.sub(r"::.*", "", node_id) for node_id in node_ids)


def test_pytest_collects_every_scenario_and_every_row_under_the_suites_own_configuration() -> None:
    parsed, problems = scenarios(ROOT)
    written: Counter[str] = Counter()
    for scenario in parsed:
        written[scenario.file] += scenario.runs

    found = per_file(collected(*OWN_CONFIGURATION))

    assert problems == []
    assert written.total() > 0
    assert found == written


def test_pytest_collects_the_same_in_a_clone_without_any_option() -> None:
    assert per_file(collected()) == per_file(collected(*OWN_CONFIGURATION))


def test_the_suite_has_no_gherkin_problem() -> None:
    assert [str(problem) for problem in lint(ROOT)] == []
