"""`certify --stripe test` from outside, against a second emulator that is as awkward as a shared sandbox can be."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stripe

from tests.certify.running import PAID, Bench
from tests.testmode.conftest import Remote, environment_for
from tests.waiting import until

ROOT = Path(__file__).parents[2]
BACK = "A sale can be paid once its reader is back"
UNACKNOWLEDGED = "A command whose acknowledgement is lost does not start a second payment"


@pytest.fixture
def bench(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path, tmp_path_factory.getbasetemp() / "compiled")
    yield made
    made.close()


@contextmanager
def colleagues(remote: Remote) -> Iterator[None]:
    """Somebody works in the same account all the while."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.4):
            try:
                theirs = remote.foreign_payment()
                remote.stripe.v1.payment_intents.cancel(theirs.id)
                remote.foreign_payment()
            except stripe.RateLimitError:
                continue

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_verdict_on_a_correct_till_stands_whatever_the_account_is_like(bench: Bench, remote: Remote) -> None:
    """Slow answers, limits below the gateway's own pace, events that come late, and colleagues in the same books."""
    remote.settings(latency_ms=15, rate_limit_per_s=16, events_listed_within_ms=700)
    theirs = remote.foreign_reader()
    held = remote.foreign_payment()

    with colleagues(remote):
        ended = bench.certify(
            "--stripe", "test", "--select", PAID, "--select", BACK, "--select", UNACKNOWLEDGED,
            env=environment_for(remote),
        )  # fmt: skip
    remote.settings(latency_ms=0, rate_limit_per_s=0, events_listed_within_ms=0)

    assert ended.outcomes() == {PAID: "passed", BACK: "passed", UNACKNOWLEDGED: "untested"}, ended.stderr
    assert "took effect and was never acknowledged" in ended.scenario(UNACKNOWLEDGED)["reason"]
    assert ended.scenario(BACK)["staged"] == ["injected: reader_offline"]
    assert ended.report["venue"] == "test"
    assert ended.report["faults"] == []
    assert remote.ids("terminal/readers") == [theirs.id]
    assert remote.stripe.v1.payment_intents.retrieve(held.id).status == "requires_payment_method"
    assert "2 scenarios can run there, 1 cannot" in ended.stderr
    written = [path for path in bench.out.rglob("*") if path.is_file() and remote.key.encode() in path.read_bytes()]
    assert written == []
    assert not bench.alive()


def test_a_plan_says_what_cannot_be_staged_there_and_only_asks_whose_account_it_is(
    bench: Bench, remote: Remote
) -> None:
    wanted = ["--select", PAID, "--select", UNACKNOWLEDGED]
    told = [
        json.loads(bench.run("certify", "--plan", "--json", *wanted, *venue, env=environment_for(remote)).stdout)
        for venue in (["--stripe", "test"], [])
    ]
    there, here = (plan["tills"][0] for plan in told)

    assert (there["scenarios"], here["scenarios"]) == (1, 2)
    assert here["unasked"] == []
    (away,) = there["unasked"]
    assert (away["outcome"], away["scenarios"]) == ("untested", 1)
    assert "cannot be made to show" in away["reason"]
    assert "took effect and was never acknowledged" in away["reason"]
    # A run gives the till the time that a Stripe far away takes, and reckons with it.
    assert there["timing"]["settle_s"] > here["timing"]["settle_s"]
    put, untested = ([sum(level.get(kind, 0) for level in plan["lines"].values()) for plan in told]
                     for kind in ("put", "untested"))  # fmt: skip
    assert put[0] < put[1]
    assert put[0] + untested[0] == put[1] + untested[1]
    assert {(call["method"], call["path"]) for call in remote.calls()} == {("GET", "/v1/account")}


def test_a_plan_of_nothing_that_can_be_staged_ends_as_the_run_would(bench: Bench, remote: Remote) -> None:
    ended = bench.run(
        "certify", "--plan", "--stripe", "test", "--select", UNACKNOWLEDGED, env=environment_for(remote)
    )  # fmt: skip

    assert ended.code == 3
    ended.says("none of the scenarios asked for can run there", "run it on the emulator instead")


def test_a_till_that_is_wrong_is_refused_there_for_the_same_reason(bench: Bench, remote: Remote) -> None:
    double = "A sale submitted twice at once is charged once"
    naive = ROOT / "fixtures" / "integrations" / "naive_till.toml"
    wanted = ["--integration", str(naive), "--select", double]

    here = bench.certify(*wanted, out=bench.folder / "here")
    there = bench.certify(*wanted, "--stripe", "test", env=environment_for(remote), out=bench.folder / "there")

    def broken(ended: object) -> set[tuple[str, str]]:
        report = ended.report  # type: ignore[attr-defined]
        return {(f["requirement"], f["check"]) for s in report["scenarios"] for f in s["findings"] if not f["holds"]}

    assert here.code == there.code == 1
    # Which of the two presses is paid, and so what else is wrong of it, is chance.
    assert ("FD-04", "invariants.one_live_payment") in broken(here) & broken(there)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (None, ("needs a secret key of your test mode in STRIPE_SECRET_KEY", "run without --stripe test")),
        ("rk_test_restricted", ("sk_test_", "restricted")),
        ("pk_test_published", ("has to begin with sk_test_",)),
        ("sk_" + "live_0123456789", ("live Stripe key", "nothing was started")),
        ("rk_" + "live_0123456789", ("live Stripe key", "nothing was started")),
    ],
)
def test_a_key_that_will_not_do_stops_it_before_anything_starts(
    bench: Bench, remote: Remote, key: str | None, says: tuple[str, ...]
) -> None:
    env = environment_for(remote)
    del env["STRIPE_SECRET_KEY"]

    given = {"STRIPE_SECRET_KEY": key} if key else {}

    ended = bench.certify("--stripe", "test", "--select", PAID, env={**env, **given})

    assert ended.code == 3
    ended.says(*says)
    assert key is None or key not in ended.stderr
    assert ended.left_nothing
    assert remote.calls() == []


def test_a_stripe_that_cannot_be_reached_is_named_before_anything_starts(bench: Bench, remote: Remote) -> None:
    env = {**environment_for(remote), "CARDPRESENT_STRIPE_UPSTREAM": "http://127.0.0.1:9"}

    ended = bench.certify("--stripe", "test", "--select", PAID, env=env)

    assert ended.code == 3
    ended.says("cannot be reached", "HTTPS_PROXY")
    assert ended.left_nothing


def test_nothing_that_can_be_staged_there_is_said_instead_of_an_empty_run(bench: Bench, remote: Remote) -> None:
    ended = bench.certify("--stripe", "test", "--select", UNACKNOWLEDGED, env=environment_for(remote))

    assert ended.code == 3
    ended.says("none of the scenarios asked for can run there", "took effect and was never acknowledged")
    assert ended.left_nothing


def test_a_till_that_gives_up_too_soon_for_a_stripe_far_away_is_told_what_to_write(
    bench: Bench, remote: Remote
) -> None:
    text = (ROOT / "fixtures" / "integrations" / "naive_till.toml").read_text(encoding="utf-8")
    file = bench.folder / "cardpresent.toml"
    file.write_text(text.replace("timing.deadline_s = 12", "timing.deadline_s = 4"), encoding="utf-8")

    ended = bench.certify("--stripe", "test", "--integration", file, "--select", PAID, env=environment_for(remote))

    assert ended.code == 3
    ended.says("timing.deadline_s", "4 s", "10 s or more", "[test_mode]")
    assert ended.left_nothing


def test_several_lanes_are_refused_for_they_share_one_accounts_limits(bench: Bench, remote: Remote) -> None:
    ended = bench.certify("--stripe", "test", "--lanes", "2", "--select", PAID, env=environment_for(remote))

    assert ended.code == 2
    ended.says("--lanes", "calls a second")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_cut_short_leaves_nothing_in_the_account(
    bench: Bench, remote: Remote, how: signal.Signals
) -> None:
    theirs = remote.foreign_reader()
    running = bench.begin(
        "certify", "--stripe", "test", "--out", bench.out, "--select", "DC-03", env=environment_for(remote)
    )
    until(lambda: len(remote.ids("terminal/readers")) > 1, "a reader of the run's", within_s=30)

    os.kill(running.pid, how)
    running.wait(40)

    def left() -> list[str]:
        return [*remote.ids("terminal/readers"), *remote.ids("terminal/locations")]

    until(lambda: left() == [theirs.id, theirs.location], lambda: str(left()), within_s=40)
    until(lambda: not bench.alive(), lambda: str(bench.alive()), within_s=20)
