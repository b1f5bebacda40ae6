"""Ruby: what goes through Net::HTTP, as the stripe gem's calls do, ends at the run's Stripe; the rest is stopped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.redirect.conftest import PROGRAMS, Run, interpreter

TILL = PROGRAMS / "till.rb"


@pytest.mark.parametrize(("way", "sdk"), [("stand_in", "stripe-ruby 13.0.0"), ("net_http", None), ("basic", None)])
def test_net_http_is_redirected_under_the_runs_key(
    run: Run, payments: Callable[[], dict[str, str]], way: str, sdk: str | None
) -> None:
    ran = run(interpreter("ruby"), TILL, way)

    assert payments()[ran.said["id"]] == way
    assert (ran.hello.language, ran.hello.program, ran.hello.sdk) == ("Ruby", "till.rb", sdk)


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("live", "a live Stripe key"),
        ("elsewhere", "a connection to dashboard.stripe.com"),
        ("unencrypted", "a connection to api.stripe.com"),
        ("socket", "a connection to api.stripe.com was stopped"),
    ],
)
def test_what_cannot_be_redirected_is_stopped_and_said(run: Run, way: str, why: str) -> None:
    ran = run(interpreter("ruby"), TILL, way)

    ran.was_stopped(why)


def test_a_port_in_the_source_is_moved(run: Run) -> None:
    assert run(interpreter("ruby"), TILL, "listening", ports={"4242": "0"}).said["port"] not in (4242, 0)


def test_its_own_options_and_libraries_stay(run: Run, tmp_path: Path) -> None:
    ran = run(interpreter("ruby"), TILL, "settings", env={"RUBYOPT": "-W2", "RUBYLIB": str(tmp_path)})

    assert ran.said["verbose"] is True
    assert ran.said["library"].endswith(f":{tmp_path}")
    assert ran.said["proxy"].startswith("http://127.0.0.1:")
