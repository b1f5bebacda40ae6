"""Python: stripe-python of five ages and every other way to Stripe ends at the run's Stripe, or nowhere."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import stripe

from tests.clients.clients import needs
from tests.redirect.conftest import CLIENTS, PROGRAMS, Run

TILL = PROGRAMS / "till.py"
NEWEST = stripe.VERSION
SDKS = {
    "pythons/stripe-2": "2.76.0", "python-old": "5.5.0", "pythons/stripe-7": "7.14.0", "pythons/stripe-12": "12.5.1",
    "": NEWEST,
}  # fmt: skip
STYLES = [
    *((folder, version, "sdk") for folder, version in SDKS.items()),
    *((folder, SDKS[folder], way) for folder in ("pythons/stripe-12", "") for way in ("sdk_client", "sdk_awaited")),
]


@pytest.mark.parametrize(("folder", "version", "way"), STYLES, ids=lambda value: value or "newest")
def test_stripe_python_of_any_age_pays_at_the_runs_stripe(
    run: Run, payments: Callable[[], dict[str, str]], folder: str, version: str, way: str
) -> None:
    env = {"PYTHONPATH": str(CLIENTS / folder)} if folder else {}
    needs(CLIENTS / folder)

    ran = run(sys.executable, TILL, way, env=env)

    assert payments()[ran.said["id"]] == way
    assert (ran.hello.language, ran.hello.program, ran.hello.sdk) == ("Python", "till.py", f"stripe-python {version}")


WAYS = [
    "with_requests", "with_requests_basic", "with_httpx", "with_httpx_awaited", "with_httpx_on_uvloop", "with_urllib",
    "with_streams",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_whatever_else_calls_stripe_is_redirected_under_the_runs_key(
    run: Run, payments: Callable[[], dict[str, str]], way: str
) -> None:
    ran = run(sys.executable, TILL, way)

    assert payments()[ran.said["id"]] == way
    assert ran.hello.redirected == 1


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("live", "a live Stripe key"),
        ("elsewhere", "a connection to dashboard.stripe.com was stopped"),
        ("unencrypted", "a connection to api.stripe.com was stopped"),
        ("by_name", "a connection to api.stripe.com was stopped"),
    ],
)
def test_what_cannot_be_redirected_is_stopped_and_said(run: Run, way: str, why: str) -> None:
    ran = run(sys.executable, TILL, way)

    ran.was_stopped(why)


def test_a_port_in_the_source_is_moved(run: Run) -> None:
    assert run(sys.executable, TILL, "listening", ports={"4242": "0"}).said["port"] not in (4242, 0)


def test_its_own_path_and_its_own_sitecustomize_stay(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("OF_THE_TILL = 'here'\n", encoding="utf-8")

    ran = run(sys.executable, TILL, "settings", env={"PYTHONPATH": str(tmp_path)})

    assert ran.said["own"] == "here"
    assert ran.said["path"].endswith(f":{tmp_path}")


def test_proxies_refuse_only_what_has_no_shim(run: Run) -> None:
    ran = run(sys.executable, TILL, "settings")

    assert not {"http", "https", "all"} & set(ran.said["proxies"])
    assert ran.said["grandchild"].startswith("http://127.0.0.1:")


def test_a_process_that_was_forked_says_hello_itself(run: Run) -> None:
    fork = "import os; os.wait() if os.fork() else None; print('{}')"

    ran = run(sys.executable, "-c", fork)

    assert len({hello.pid for hello in ran.hellos}) == 2
