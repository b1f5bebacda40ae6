"""A run that is interrupted ends in good order; one that is killed takes everything it started along."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.running import PAID, Bench, next_pid

CANCELLED = "A cancelled sale clears the reader and charges nothing"
TOKEN = "A stranger gets no connection token"


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGINT, "interrupted from the keyboard"), (signal.SIGTERM, "ended by SIGTERM")],
)
def test_an_interrupted_run_leaves_a_report_and_no_process(
    bench: Bench, till: Callable[..., Path], announced: Path, number: signal.Signals, words: str
) -> None:
    file = till("reference_pos", program="troubled_pos.py", MISHAP="held", ANNOUNCE_AT=str(announced))
    running = bench.begin(
        "certify", "--integration", file, "--out", bench.out,
        "--select", TOKEN, "--select", CANCELLED, "--select", PAID,
    )  # fmt: skip

    next_pid(announced)
    os.kill(running.pid, number)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 5
    assert ended.report["verdict"] == "incomplete"
    assert ended.outcomes() == {TOKEN: "passed", CANCELLED: "not_run", PAID: "not_run"}
    assert words in ended.scenario(PAID)["reason"]
    assert words[1:] in (ended.out / "certificate.html").read_text(encoding="utf-8")
    ended.has_no_trace()
    assert not bench.alive()


def test_a_run_interrupted_while_its_till_starts_leaves_a_report_too(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", ('command = ["{python}", "naive_till.py"]', 'command = ["sleep", "600"]'))
    running = bench.begin("certify", "--integration", file, "--out", bench.out, "--select", PAID)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("seed ")

    os.kill(running.pid, signal.SIGINT)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 5
    assert ended.outcomes() == {PAID: "not_run"}
    ended.has_no_trace()
    assert not bench.alive()


def test_a_killed_run_takes_its_server_and_a_till_that_hears_nothing_along(
    bench: Bench, till: Callable[..., Path]
) -> None:
    file = till("naive_till", program="troubled_naive.py", HABIT="deaf")
    running = bench.begin("certify", "--integration", file, "--out", bench.out)
    assert running.stderr is not None
    assert running.stderr.readline().startswith("seed ")
    assert running.stderr.readline()
    assert len(bench.alive(but=running.pid)) >= 3

    running.kill()
    running.wait()

    assert bench.all_gone_within(10)


def test_the_emulator_at_the_desk_ends_with_the_command(bench: Bench) -> None:
    running = bench.begin("emulate", "--port", "0")
    assert running.stdout is not None
    assert running.stdout.readline().startswith("{")

    os.kill(running.pid, signal.SIGTERM)
    ended = bench.end(running)

    ended.has_no_trace()
    assert not bench.alive()
