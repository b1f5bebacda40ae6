"""PHP: curl in whatever is included or served, as in stripe-php, ends at the run's Stripe; the rest is stopped."""

import json
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


@pytest.mark.parametrize("how_called", ["php", "/bin/sh", "PHP_BINARY"])
def test_a_router_of_its_own_server_is_redirected_too(
    local_stripe: str, payments: Callable[[], dict[str, str]], tmp_path: Path, how_called: str
) -> None:
    """PHP runs a router without what its settings say is to run first: most front controllers are started as one."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "pay.php").write_text((PROGRAMS / "till.php").read_text(encoding="utf-8"), encoding="utf-8")
    (site / "served.php").write_text((PROGRAMS / "till.php").read_text(encoding="utf-8"), encoding="utf-8")
    (site / "router.php").write_text(
        "<?php\nif ($_SERVER['SCRIPT_NAME'] === '/served.php') { return false; }\n"
        "if ($_SERVER['REQUEST_URI'] === '/nothing-there') { http_response_code(404); return; }\n"
        "require __DIR__ . '/pay.php';\n", encoding="utf-8",
    )  # fmt: skip
    port = free_port()
    environment = shims.into(os.environ, local_stripe, KEY, tmp_path / "hellos", {})
    (tmp_path / "hellos").mkdir()
    words = ["-d", "precision=9", "-S", f"127.0.0.1:{port}", "-t", str(site), "router.php"]
    command = {
        "php": ["php", *words], "/bin/sh": ["/bin/sh", "-c", f"exec php {' '.join(words)}"],
        "PHP_BINARY": [environment["PHP_BINARY"], *words],
    }[how_called]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    started = subprocess.Popen(command, env=environment, cwd=site, **quiet)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http, started as ran:
        try:
            until(lambda: _answers(http), "PHP's server")
            told = [http.get(path, params={"how": "curl"}).json() for path in ("/till", "/served.php", "/till")]
        finally:
            ran.terminate()
    assert [payments()[one["id"]] for one in told] == ["curl"] * 3
    [hello] = shims.hellos(tmp_path / "hellos")
    assert hello.language == "PHP"


def test_php_itself_is_called_as_ever(tmp_path: Path) -> None:
    environment = shims.into(os.environ, "http://127.0.0.1:9", KEY, tmp_path, {})
    script = tmp_path / "two words.php"
    script.write_text("<?php echo json_encode([$argv, PHP_BINARY]);", encoding="utf-8")

    ran = subprocess.run(
        ["php", "-d", "precision=9", str(script), "-S", "a b", "$HOME"], env=environment, cwd=tmp_path, check=True,
        capture_output=True, text=True,
    )  # fmt: skip

    words, program = json.loads(ran.stdout)
    assert words == [str(script), "-S", "a b", "$HOME"]
    assert program != str(shims.PHP)


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
