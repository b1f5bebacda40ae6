"""How a load run ends where something of its own does not last: never as a proof of what was not driven."""

import os
import signal
import time

from tests.certify.running import Bench


def driving(bench: Bench, word: str) -> list[int]:
    """The processes of Locust's that are up, and have `word` in their command."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = [pid for pid, command in bench.alive().items() if "locustfile.py" in command and word in command]
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("nothing drives load")


def test_a_run_whose_only_driver_is_killed_certifies_nothing(bench, load):
    running = bench.begin("load", "steady", "--rate", "5", "--duration", "60s", "--out", bench.out, "--seed", "1")
    next(line for line in running.stderr if "started" in line)
    assert not (bench.out / "brief.json").exists()
    os.kill(driving(bench, "--headless")[0], signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == 5, ended.stdout
    assert ended.report["verdict"] == "incomplete"
    assert any("before its last customer had gone (w1)" in fault["problem"] for fault in ended.report["faults"])
    assert not bench.alive()


def test_ctrl_c_before_the_workers_are_there_ends_the_run_at_once(bench):
    running = bench.begin("load", "steady", "--duration", "10m", "--processes", "2", "--out", bench.out, "--seed", "1")
    driving(bench, "--master")
    running.send_signal(signal.SIGINT)
    ended = bench.end(running)

    assert ended.code == 5, (ended.stdout, ended.stderr)
    assert not bench.alive()


def test_a_worker_that_dies_before_anybody_came_is_not_waited_for(bench):
    running = bench.begin("load", "steady", "--duration", "10m", "--processes", "2", "--out", bench.out, "--seed", "1")
    os.kill(driving(bench, "--worker")[0], signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == 4, (ended.stdout, ended.stderr)
    ended.says("ended before it began")
    assert not bench.alive()


def test_a_run_too_short_for_a_single_customer_says_so(load):
    ended = load("steady", "--duration", "0.1s")

    assert ended.code == 5
    ended.says("nobody came", "--duration", "--rate")
