"""PHP: curl in whatever is included or served, as in stripe-php, ends at the run's Stripe; the rest is stopped."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from cardpresent.launch import shims
from cardpresent.launch.ports import free_port
from tests.redirect.conftest import KEY, PROGRAMS, Run, interpreter
from tests.waiting import until

TILL = PROGRAMS / "console.php"


@pytest.mark.parametrize(("way", "sdk"), [("stand_in", "stripe-php 15.0.0"), ("curl", None), ("several", None)])
def test_curl_is_redirected_under_the_runs_key(
    run: Run, payments: Callable[[], dict[str, str]], way: str, sdk: str | None
) -> None:
    ran = run(interpreter("php"), TILL, way)

    assert payments()[ran.said["id"]] == way
    assert (ran.hello.language, ran.hello.program, ran.hello.sdk) == ("PHP", "console.php", sdk)


def test_what_its_own_server_serves_is_redirected(
    local_stripe: str, payments: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    port = free_port()
    environment = shims.into(os.environ, local_stripe, KEY, tmp_path, {})
    command = [interpreter("php"), "-S", f"127.0.0.1:{port}", "-t", str(PROGRAMS)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    base = f"http://127.0.0.1:{port}"
    started = subprocess.Popen(command, env=environment, **quiet)
    with httpx.Client(base_url=base, trust_env=False) as http, started as ran:
        try:
            until(lambda: _answers(http), "PHP's server")
            told = [http.get("/till.php", params={"how": "curl"}).json() for _ in range(2)]
        finally:
            ran.terminate()
    assert [payments()[one["id"]] for one in told] == ["curl", "curl"]
    [hello] = shims.hellos(tmp_path)
    assert (hello.program, hello.redirected) == ("till.php", 1)


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/nothing-there").status_code == 404
    except httpx.ConnectError:
        return False


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("live", "a live Stripe key"),
        ("elsewhere", "a connection to dashboard.stripe.com was stopped"),
        ("unencrypted", "a connection to api.stripe.com was stopped"),
        ("read", "a connection to api.stripe.com was stopped"),
        ("socket", "a connection to api.stripe.com was stopped"),
    ],
)
def test_what_cannot_be_redirected_is_stopped_and_said(run: Run, way: str, why: str) -> None:
    ran = run(interpreter("php"), TILL, way)

    ran.was_stopped(why)


def test_curl_in_the_very_script_that_is_called_meets_the_refusing_proxy(run: Run) -> None:
    ran = run(interpreter("php"), PROGRAMS / "till.php", "curl")

    assert "403" in ran.said["error"]
    assert not [hello for hello in ran.hellos if hello.redirected]


def test_files_are_read_and_written_as_ever(run: Run) -> None:
    assert run(interpreter("php"), TILL, "files").said == {
        "files": ["eipt", 0, True, ["y"]], "gone": True, "missing": False
    }  # fmt: skip


def test_its_own_settings_and_its_own_first_file_stay(run: Run, tmp_path: Path) -> None:
    (tmp_path / "first.php").write_text("<?php define('OF_THE_TILL', 'here');\n", encoding="utf-8")
    settings = f'precision = 9\nauto_prepend_file = "{tmp_path / "first.php"}"\n'
    (tmp_path / "till.ini").write_text(settings, encoding="utf-8")
    env: Mapping[str, str] = {"PHP_INI_SCAN_DIR": f":{tmp_path}"}

    ran = run(interpreter("php"), TILL, "settings", env=env)

    assert ran.said == {"own": "here", "precision": "9"}
