"""One certification in several processes: one report, one journal, and nothing lost when a process is."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.certify.running import PAID, Bench, next_pid

CANCELLED = "A cancelled sale clears the reader and charges nothing"
RETRIED = "Another card can pay after a decline"


def test_two_lanes_make_one_report_and_one_journal(bench: Bench) -> None:
    ended = bench.certify("--lanes", "2", "--select", PAID, "--select", CANCELLED, "--select", RETRIED)

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed", RETRIED: "passed"}
    assert ended.report["timing"]["lanes"] == 2
    entries = {e["n"]: e for e in map(json.loads, (ended.out / "journal.jsonl").read_text().splitlines())}
    for scenario in ended.report["scenarios"]:
        first, last = scenario["journal"]
        assert {entries[n]["scenario"] for n in range(first, last + 1)} <= {scenario["id"], None}
        for finding in scenario["findings"]:
            assert all(first <= n <= last for n in finding["evidence"])
    assert len({entries[s["journal"][0]]["n"] // 1_000_000 for s in ended.report["scenarios"]}) == 2
    assert not (ended.out / "journals").exists()


def test_a_scenario_that_is_repeated_counts_every_attempt(bench: Bench) -> None:
    ended = bench.certify("--repeat", "3", "--select", PAID)

    scenario = ended.scenario(PAID)
    assert (scenario["outcome"], len(scenario["rows"])) == ("passed", 3)


def test_a_lane_that_is_killed_is_the_suites_own_fault_and_what_it_told_is_kept(
    bench: Bench, till: Callable[..., Path], announced: Path
) -> None:
    file = till("reference_pos", program="troubled_pos.py", MISHAP="held", ANNOUNCE_AT=str(announced))
    running = bench.begin("certify", "--integration", file, "--out", bench.out, "--select", CANCELLED, "--select", PAID)

    next_pid(announced)
    os.kill(bench.pid_of("cardpresent.cli.lane"), signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 4
    assert "ended in the middle of the run" in ended.report["faults"][0]["problem"]
    assert set(ended.outcomes().values()) == {"not_run"}
    ended.has_no_trace()
    assert bench.all_gone_within(10)
