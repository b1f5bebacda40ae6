"""What a run writes: the same for the same seed, a record for everything asked for, and no secret in any of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.certify.running import PAID, Bench, Ended

CANCELLED = "A cancelled sale clears the reader and charges nothing"
ALLOWED = {
    "report.json", "journal.jsonl", "certificate.html", "certificate.json", "junit.xml", "allure-results", "till",
    ".cardpresent-run",
}  # fmt: skip


def test_two_runs_of_one_seed_agree_and_the_second_leaves_nothing_of_the_first(bench: Bench) -> None:
    first = compared(bench.certify("--select", PAID, "--select", CANCELLED))

    ended = bench.certify("--select", PAID, "--select", CANCELLED)

    assert compared(ended) == first
    assert len(list((ended.out / "allure-results").glob("*-result.json"))) == 2
    numbers = [json.loads(line)["n"] for line in (ended.out / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    assert numbers == sorted(set(numbers))


def test_the_short_set_runs_and_certifies_nothing(bench: Bench) -> None:
    ended = bench.certify("--smoke")

    report = ended.report
    assert ended.code == report["exit_code"] == 5
    assert report["verdict"] == "incomplete"
    assert set(ended.outcomes().values()) == {"passed"}
    assert all(0 < s["duration_ms"] < 30_000 for s in report["scenarios"])
    assert 0 < report["timing"]["scenario_median_s"] < report["timing"]["wall_s"]
    assert report["counts"]["passed"] == len(report["scenarios"])
    assert report["evidence"] == {"planted_secrets": 0}
    assert {path.name for path in ended.out.iterdir()} == ALLOWED
    assert [path.name for path in bench.folder.iterdir()] == ["out"]


def test_a_till_that_talks_puts_no_secret_into_the_evidence(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", program="troubled_naive.py", HABIT="talks", STRIPE_WEBHOOK_SECRET="{webhook_secret}",
                KEEP_AT=str(bench.folder / "secrets"))  # fmt: skip

    ended = bench.certify("--integration", file, "--select", PAID, "--select", "A stranger gets no connection token")

    assert ended.code == 1
    assert ended.scenario(PAID)["outcome"] == "failed"
    assert ended.report["evidence"] == {"planted_secrets": 0}
    assert "planted secrets: none found" in (ended.out / "certificate.html").read_text(encoding="utf-8")
    secrets = (bench.folder / "secrets").read_text(encoding="utf-8").split()
    assert len(secrets) == 2
    written = [path for path in ended.out.rglob("*") if path.is_file()]
    assert len(written) > len(ALLOWED) - 2
    for secret in secrets:
        assert not [path.name for path in written if secret.encode() in path.read_bytes()]
        assert secret not in ended.stdout + ended.stderr
    assert "starting a sale with [removed] [removed]" in ended.scenario(PAID)["log"]


def test_the_log_of_a_scenario_begins_with_its_own_lines(bench: Bench) -> None:
    ended = bench.certify("--select", CANCELLED, "--select", PAID)

    entries = [json.loads(line) for line in (ended.out / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    cancelled, paid = ended.scenario(CANCELLED), ended.scenario(PAID)
    own = {e["sale"] for e in entries if e["sale"] and paid["journal"][0] <= e["n"] <= paid["journal"][1]}
    other = {e["sale"] for e in entries if e["sale"] and e["n"] <= cancelled["journal"][1]}
    assert own.isdisjoint(other)
    assert any(sale in line for line in paid["log"] for sale in own)
    assert not [line for line in paid["log"] if any(sale in line for sale in other)]


def compared(ended: Ended) -> dict[str, Any]:
    """What two runs of one seed must have in common."""
    report = ended.report
    keys = ("verdict", "exit_code", "counts", "requirement_counts", "musts", "shoulds")
    return {
        **{key: report[key] for key in keys},
        "requirements": [(line["id"], line["outcome"]) for line in report["requirements"]],
        "scenarios": ended.outcomes(),
    }
