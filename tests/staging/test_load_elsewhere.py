"""Load on a till of another host: a gateway beside it, a lead that owns the run, and workers from elsewhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.launch.ports import free_port
from tests.certify.running import Bench
from tests.staging.conftest import TOKEN, Authority, Standing
from tests.staging.test_staging import WITH_TOKEN, file
from tests.testmode.conftest import remote_stripe

__all__ = ["file"]


@pytest.fixture
def profile(bench: Bench) -> Path:
    path = bench.folder / "ours.py"
    path.write_text(
        "from cardpresent.loadgen.profile import Profile\n"
        "PROFILE = Profile(question='Ours?', per_s=6, readers=8, duration_s=4)\n"
    )
    return path


def test_two_workers_from_elsewhere_drive_one_run_over_tls_and_leave_one_report(
    bench: Bench, gateway: Callable[..., Standing], till: Callable[[str], str], file: Callable[..., Path],
    authority: Authority, profile: Path,
) -> None:  # fmt: skip
    standing = gateway("--cert", authority.cert, "--key-file", authority.key)
    where = file(till(standing.url), standing.url, authority.ca)
    listen = f"127.0.0.1:{free_port(None)}"

    lead = bench.begin(
        "load", profile, "--integration", where, "--out", bench.out, "--seed", "1", "--expect-workers", "2",
        "--listen", listen, env=WITH_TOKEN,
    )  # fmt: skip
    workers = [bench.begin("load-worker", listen, "--integration", where) for _ in range(2)]
    ended = bench.end(lead)

    assert ended.code == 0, (ended.stderr, ended.stdout)
    figures = ended.report["load"]
    assert [worker["lost"] for worker in figures["workers"]] == [False, False]
    assert all(worker["started"] for worker in figures["workers"])
    assert figures["payments"]["started"] == figures["books"]["sales"] > 10
    assert [bench.end(worker).code for worker in workers] == [0, 0]
    for path in bench.out.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def test_stripes_test_mode_is_never_loaded(
    bench: Bench, gateway: Callable[..., Standing], till: Callable[[str], str], file: Callable[..., Path], profile: Path
) -> None:
    with remote_stripe() as remote:
        standing = gateway("--stripe", "test", STRIPE_SECRET_KEY=remote.key, CARDPRESENT_STRIPE_UPSTREAM=remote.url)
        where = file(till(standing.url), standing.url)
        ended = bench.run("load", profile, "--integration", where, "--out", bench.out, env=WITH_TOKEN)
        # It takes back what it made while there is somebody to ask.
        standing.end()

    assert ended.code == 3
    ended.says("stripe.gateway", "must not be loaded", "--stripe emulator")
    assert ended.left_nothing


def test_workers_from_elsewhere_need_a_gateway_they_can_reach(bench: Bench, profile: Path) -> None:
    ended = bench.run("load", profile, "--out", bench.out, "--expect-workers", "2")

    assert ended.code == 3
    ended.says("--expect-workers", "stripe.gateway", "docs/load.md")
    assert ended.left_nothing
