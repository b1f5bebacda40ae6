"""Node.js: stripe-node of three ages and every other way to Stripe ends at the run's Stripe, or nowhere."""

from collections.abc import Callable

import pytest

from tests.clients.clients import needs
from tests.redirect.conftest import CLIENTS, PROGRAMS, Run

PACKAGES = CLIENTS / "node" / "node_modules"
TILL = PROGRAMS / "till.cjs"
SDKS = {"stripe-8": "8.222.0", "stripe-14": "14.25.0", "stripe": "23.1.0"}


@pytest.mark.parametrize(("package", "version"), SDKS.items())
def test_stripe_node_of_any_age_pays_at_the_runs_stripe(
    run: Run, payments: Callable[[], dict[str, str]], package: str, version: str
) -> None:
    needs(PACKAGES / package)

    ran = run("node", TILL, "sdk", package, env={"NODE_PATH": str(PACKAGES)})

    assert payments()[ran.said["id"]] == "sdk"
    assert (ran.hello.language, ran.hello.program, ran.hello.sdk) == ("Node.js", "till.cjs", f"stripe-node {version}")


@pytest.mark.parametrize("package", ["stripe-14", "stripe"])
def test_stripe_node_on_fetch_pays_there_too(
    run: Run, payments: Callable[[], dict[str, str]], package: str
) -> None:
    needs(PACKAGES / package)

    ran = run("node", TILL, "sdk, fetch client", package, env={"NODE_PATH": str(PACKAGES)})

    assert payments()[ran.said["id"]] == "sdk, fetch client"


@pytest.mark.parametrize("way", ["fetch", "fetch, basic", "https", "module", "worker"])
def test_whatever_else_calls_stripe_is_redirected_under_the_runs_key(
    run: Run, payments: Callable[[], dict[str, str]], way: str
) -> None:
    ran = run("node", TILL, way)

    assert payments()[ran.said["id"]] == way
    assert ran.hello.redirected == 1


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("live", "a live Stripe key"),
        ("elsewhere", "a connection to dashboard.stripe.com was stopped"),
        ("unencrypted", "a connection to api.stripe.com was stopped"),
        ("socket", "a connection to api.stripe.com was stopped"),
    ],
)
def test_what_cannot_be_redirected_is_stopped_and_said(run: Run, way: str, why: str) -> None:
    ran = run("node", TILL, way)

    ran.was_stopped(why)


def test_a_port_in_the_source_is_moved(run: Run) -> None:
    assert run("node", TILL, "listening", ports={"4242": "0", "80": "1"}).said["port"] not in (4242, 0)


def test_its_own_options_stay_and_proxies_refuse_only_what_has_no_shim(run: Run) -> None:
    ran = run("node", TILL, "settings", env={"NODE_OPTIONS": "--title=corner-shop"})

    assert ran.said["titled"] == "corner-shop"
    assert ran.said["proxy"] is None
    assert ran.said["grandchild"].startswith("http://127.0.0.1:")


def test_whatever_starts_it_passes_the_shim_on(run: Run, payments: Callable[[], dict[str, str]]) -> None:
    ran = run("sh", "-c", f"cd / && exec env FOO=1 node '{TILL}' fetch")

    assert payments()[ran.said["id"]] == "fetch"
