"""`certify --rerun failed`: what did not pass is run once more, and no attempt is forgotten."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.certify.running import PAID, Bench

TWICE = "A sale submitted twice at once is charged once"


def test_what_failed_is_run_again_and_every_attempt_stands_in_the_report(
    bench: Bench, till: Callable[..., Path]
) -> None:
    naive = till("naive_till")
    first = bench.certify("--integration", naive, "--select", TWICE, "--select", PAID)
    assert first.outcomes() == {TWICE: "failed", PAID: "passed"}

    again = bench.end(bench.begin("certify", "--rerun", "failed", "--integration", naive, "--out", bench.out))

    assert "1 scenario did not pass and is run again" in again.stderr
    assert (again.code, again.outcomes()) == (1, {TWICE: "failed"})
    told = again.scenario(TWICE)
    assert told["attempts"] == 2
    assert [one["outcome"] for one in told["tries"]] == ["failed", "failed"]
    assert {one["broken"][0]["requirement"] for one in told["tries"]} == {"FD-04"}
    assert again.report["seed"] == "1", "the stimuli of the run that failed"

    mended = till(
        "reference_pos", ('name = "cardpresent reference POS"', 'name = "naive till"'),
        ('build = "0.1.0"', 'build = "one file"'),
    )  # fmt: skip
    out = bench.folder / "third"
    third = bench.end(bench.begin("certify", "--rerun", "failed", "--from", bench.out, "--out", out,
                                  "--integration", mended), out)  # fmt: skip

    assert (third.code, third.outcomes()) == (5, {TWICE: "warning"})
    assert third.scenario(TWICE)["attempts"] == 3
    assert "held at try 3; at try 2, in run out, FD-04 did not" in third.scenario(TWICE)["reason"]
    assert next(r for r in third.report["requirements"] if r["id"] == "FD-04")["outcome"] == "warning"

    nothing = bench.end(bench.begin("certify", "--rerun", "failed", "--from", _passed(out), "--integration", mended))
    assert nothing.code == 2
    nothing.says("nothing is left to be run again", "leave --rerun out")


def _passed(out: Path) -> Path:
    """The same report, had the scenario passed."""
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    report["scenarios"][0]["outcome"] = "passed"
    path = out.with_suffix(".json")
    path.write_text(json.dumps(report), encoding="utf-8")
    return path


def test_what_one_till_left_over_is_not_put_to_another(bench: Bench, till: Callable[..., Path]) -> None:
    first = bench.certify("--integration", till("naive_till"), "--select", TWICE)

    other = bench.folder / "other"
    ended = bench.end(bench.begin("certify", "--rerun", "failed", "--from", first.out / "report.json", "--out", other,
                                  "--integration", till("reference_pos")), other)  # fmt: skip

    assert ended.code == 2
    ended.says("is about 'naive till'", "'cardpresent reference POS'", "with --from")
    assert ended.left_nothing


def test_where_there_is_no_earlier_run_there_is_nothing_to_run_again(bench: Bench) -> None:
    for words, told in (
        (("--rerun", "failed"), ("reports/out holds none", "name it with --from")),
        (("--rerun", "failed", "--from", "nowhere.json"), ("--from nowhere.json: holds no report",)),
        (("--from", "nowhere.json"), ("add --rerun failed",)),
        (("--rerun", "failed", "--smoke"), ("leave out --select, --smoke and --beside",)),
    ):
        ended = bench.run("certify", *words)
        assert ended.code == 2
        ended.says(*told)
        assert not (bench.folder / "reports").exists()
