"""A till that goes down: whose doing it was decides what it counts for, and the rest of the run goes on."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.certify.running import PAID, Bench, next_pid

CANCELLED = "A cancelled sale clears the reader and charges nothing"
RETRIED = "Another card can pay after a decline"
REFUNDED = "A refund returns the amount once"
CHOSEN = [word for title in (CANCELLED, RETRIED, REFUNDED, PAID) for word in ("--select", title)]


def test_a_till_killed_from_outside_leaves_its_scenario_undecided_and_the_rest_runs_on(
    bench: Bench, till: Callable[..., Path], announced: Path
) -> None:
    once = bench.folder / "once"
    file = till(
        "reference_pos", program="troubled_pos.py", MISHAP="held", ANNOUNCE_AT=str(announced), ONCE=str(once)
    )
    running = bench.begin("certify", "--integration", file, "--out", bench.out, "--seed", "1", *CHOSEN)

    os.kill(next_pid(announced), signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 5
    assert ended.report["verdict"] == "incomplete"
    assert ended.outcomes() == {CANCELLED: "inconclusive", RETRIED: "passed", REFUNDED: "passed", PAID: "passed"}
    struck = ended.scenario(CANCELLED)
    assert struck["party"] == "environment"
    assert "SIGKILL" in struck["reason"]
    ended.has_no_trace()
    assert not bench.alive()


def test_a_till_that_ends_by_itself_fails_its_scenario(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("reference_pos", program="troubled_pos.py", MISHAP="exits", ONCE=str(bench.folder / "once"))

    ended = bench.certify("--integration", file, *CHOSEN)

    assert ended.code == ended.report["exit_code"] == 1
    assert ended.outcomes() == {CANCELLED: "failed", RETRIED: "passed", REFUNDED: "passed", PAID: "passed"}
    struck = ended.scenario(CANCELLED)
    found = {f["check"]: f for f in struck["findings"] if f["holds"] is False}
    # Its last words held its key.
    assert set(found) == {"till.stays_up", "access.no_secret_in_log"}
    finding = found["till.stays_up"]
    assert (finding["requirement"], finding["severity"], finding["party"]) == ("FD-80", "S1", "product")
    assert finding["evidence"]
    assert struck["party"] == "product"
    assert "exited with 7; its last words: " in struck["reason"]
    assert struck["reason"].endswith("cannot go on with [removed]")
    ended.has_no_trace()


def test_three_deaths_in_a_row_end_the_run_and_what_is_left_is_listed(
    bench: Bench, till: Callable[..., Path], announced: Path
) -> None:
    file = till("reference_pos", program="troubled_pos.py", MISHAP="held", ANNOUNCE_AT=str(announced))
    outline = "A tip of <tip> on the reader is charged once and kept"
    running = bench.begin(
        "certify", "--integration", file, "--out", bench.out, "--seed", "1", *CHOSEN, "--select", outline
    )

    for _ in range(3):
        os.kill(next_pid(announced), signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 5
    assert ended.outcomes() == {
        CANCELLED: "inconclusive", RETRIED: "inconclusive", REFUNDED: "inconclusive", PAID: "not_run",
        outline: "not_run",
    }  # fmt: skip
    assert "3 times in a row" in ended.scenario(PAID)["reason"]
    assert len(ended.scenario(outline)["rows"]) > 1
    assert not bench.alive()


def test_a_fault_that_never_fires_leaves_its_scenario_undecided(bench: Bench, till: Callable[..., Path]) -> None:
    lost = "A sale settles although every webhook is lost"
    line = 'types = ["payment_intent.*", "charge.*", "refund.*", "terminal.reader.*"]'

    ended = bench.certify("--integration", till("reference_pos", (line, 'types = ["payout.*"]')), "--select", lost)

    assert ended.code == 5
    assert ended.outcomes() == {lost: "inconclusive"}
    assert "never met by the till: webhook_lost" in ended.scenario(lost)["reason"]


def test_what_the_emulator_does_not_cover_is_not_held_against_the_till(
    bench: Bench, till: Callable[..., Path]
) -> None:
    file = till("naive_till", ("\nsettle_s = 3", "\nsettle_s = 1"), program="troubled_naive.py", HABIT="uncovered")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 5
    struck = ended.scenario(PAID)
    assert (struck["outcome"], struck["party"]) == ("inconclusive", "harness")
    assert 'parameter "confirmation_token" is not emulated' in struck["reason"]


def test_a_server_that_dies_is_the_suites_own_fault(
    bench: Bench, till: Callable[..., Path], announced: Path
) -> None:
    file = till("reference_pos", program="troubled_pos.py", MISHAP="held", ANNOUNCE_AT=str(announced))
    running = bench.begin("certify", "--integration", file, "--out", bench.out, "--seed", "1", *CHOSEN)

    pid = next_pid(announced)
    os.kill(bench.pid_of("cardpresent.gateway"), signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == ended.report["exit_code"] == 4
    assert ended.report["verdict"] == "incomplete"
    assert ended.outcomes()[PAID] == "not_run"
    ended.has_no_trace()
    assert not bench.alive()
