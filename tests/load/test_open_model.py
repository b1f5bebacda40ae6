"""A till that stalls one second in five: customers who come when they come show it, users who wait hide it."""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration_files import written

HERE = Path(__file__).resolve().parent
INTEGRATIONS = HERE.parents[1] / "fixtures" / "integrations"
PROGRAM = HERE / "tills" / "stalling.py"
LASTS_S, GOAL_MS = 11, 400


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """The integration file of the till that stalls."""
    text = (INTEGRATIONS / "naive_till.toml").read_text(encoding="utf-8")
    there = ('cwd = "../tills"', f'cwd = "{PROGRAM.parent}"')
    return written(tmp_path, text, ('"naive_till.py"', f'"{PROGRAM.name}"'), there)


@pytest.fixture
def running() -> Iterator[str]:
    """The same till by itself; where it answers."""
    till = subprocess.Popen([sys.executable, str(PROGRAM)], env={**os.environ, "PORT": "0"}, stdout=subprocess.PIPE,
                            text=True)  # fmt: skip
    assert till.stdout is not None
    yield till.stdout.readline().split()[-1]
    till.terminate()
    till.communicate(timeout=10)


def test_customers_who_come_when_they_come_show_the_stall_and_the_goal_refuses_the_till(
    load: Callable, profile: Callable, described: Path
) -> None:
    came = profile(f"per_s=6, readers=24, duration_s={LASTS_S}, hand_s=0")

    ended = load(came, "--integration", described, "--goal", f"p95={GOAL_MS}ms")

    assert ended.code == 1, ended.stdout
    goal = next(goal for goal in ended.report["load"]["goals"] if goal["name"] == "p95_ms")
    assert goal["holds"] is False
    assert goal["measured"] > GOAL_MS


def test_users_who_wait_for_their_answer_ask_a_stalled_till_less_and_hide_it(tmp_path: Path, running: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(HERE / "closed.py"), "--headless", "-u", "2", "-r", "2",
         "-t", f"{LASTS_S}s", "--host", running, "--csv", "closed", "--loglevel", "WARNING"],
        cwd=tmp_path, check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    with (tmp_path / "closed_stats.csv").open() as file:
        till = next(row for row in csv.DictReader(file) if row["Name"] == "till")

    assert float(till["95%"]) < GOAL_MS
    assert float(till["Max Response Time"]) > GOAL_MS
