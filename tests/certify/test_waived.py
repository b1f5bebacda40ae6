"""waivers.toml beside the integration file: read by every run, and a mistake in it stops the run before it begins."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.certify.running import PAID, Bench

CENT = "The amount that reaches the card is the amount on the till, to the cent"


def waiver(line: str, *, age_days: int = 0) -> str:
    """One that counts for 30 days from `age_days` ago."""
    created = datetime.now(UTC).date() - timedelta(days=age_days)
    return f"""
[[waiver]]
requirement = "{line}"
venue = "any"
owner = "Ada Lovelace"
reason = "Prices that end in nine are a cent short"
link = "https://tracker.example/PAY-320"
created = {created}
expires = {created + timedelta(days=30)}
"""


def test_what_is_waived_beside_the_file_is_set_aside_and_shown(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till")
    # The cent that is missing breaks the second line, too: each takes a waiver of its own.
    (bench.folder / "waivers.toml").write_text(waiver("FD-06") + waiver("FD-08"), encoding="utf-8")

    ended = bench.certify("--integration", file, "--select", CENT)

    assert ended.outcomes() == {CENT: "waived"}
    assert ended.code == 5, "narrowed, and nothing worse"
    assert [w["state"] for w in ended.report["waivers"]] == ["in_force", "in_force"]
    assert len(ended.report["versions"]["waivers_sha256"]) == 64
    assert "FD-06: waived until" in ended.stdout
    page = (ended.out / "certificate.html").read_text(encoding="utf-8")
    assert "Prices that end in nine are a cent short" in page
    assert page.count('class="card waived"') >= 1


def test_one_that_ran_out_lets_the_till_be_refused_and_one_that_is_not_needed_is_red(
    bench: Bench, till: Callable[..., Path]
) -> None:
    kept = bench.folder / "elsewhere.toml"
    kept.write_text(waiver("FD-06", age_days=60) + waiver("DC-02.1"), encoding="utf-8")

    refused = bench.certify("--integration", till("naive_till"), "--select", CENT, "--waivers", kept,
                            out=bench.folder / "refused")  # fmt: skip
    red = bench.certify("--integration", till("naive_till"), "--select", PAID, "--waivers", kept)

    assert (refused.code, refused.outcomes()) == (1, {CENT: "failed"})
    assert (red.code, red.outcomes()) == (3, {PAID: "passed"})
    assert [w["state"] for w in red.report["waivers"]] == ["expired", "unused"]
    assert "waivers: DC-02.1: is not needed, the line is passed" in red.stdout


def test_a_mistake_in_it_stops_the_run_before_it_begins(bench: Bench, till: Callable[..., Path]) -> None:
    (bench.folder / "waivers.toml").write_text(waiver("FD-6"), encoding="utf-8")

    ended = bench.certify("--integration", till("naive_till"), "--select", PAID)

    assert ended.code == 3
    ended.says("waivers.toml:3", "waiver[0].requirement", 'no line "FD-6"')
    assert ended.left_nothing
