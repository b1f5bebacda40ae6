"""How the shims get into an environment, and what is read of what they say."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest

from cardpresent.launch import shims
from cardpresent.launch.redirecting import Redirecting
from tests.waiting import until

BASE, KEY = "http://127.0.0.1:4010", "sk_test_minted"


def hello(folder: Path, name: str, **said: object) -> None:
    usual = {"language": "Node.js", "version": "22.0.0", "pid": 7, "program": "server.js", "sdk": None, "redirected": 0,
             "refused": []}  # fmt: skip
    (folder / name).write_text(json.dumps({**usual, **said}), encoding="utf-8")


def test_all_shims_are_put_in_and_nothing_of_the_tills_own_is_lost(tmp_path: Path) -> None:
    own = {
        "NODE_OPTIONS": "--max-old-space-size=512", "PYTHONPATH": "/till/lib", "RUBYOPT": "-W0", "RUBYLIB": "/till/rb",
        "PHP_INI_SCAN_DIR": "/till/php", "STRIPE_SECRET_KEY": "sk_test_own", "PATH": "/bin",
    }  # fmt: skip

    made = shims.into(own, BASE, KEY, tmp_path, {"4242": "5000"})

    assert made["NODE_OPTIONS"] == f"--require {shims.FOLDER / 'node.cjs'} --max-old-space-size=512"
    assert made["PYTHONPATH"] == f"{shims.FOLDER / 'python'}{os.pathsep}/till/lib"
    assert (made["RUBYOPT"], made["RUBYLIB"]) == ("-rcardpresent_redirect -W0", f"{shims.FOLDER / 'ruby'}:/till/rb")
    assert made["PHP_INI_SCAN_DIR"] == f"/till/php:{shims.FOLDER / 'php'}"
    assert (made["STRIPE_SECRET_KEY"], made["STRIPE_API_KEY"]) == ("sk_test_own", KEY)
    assert made["PATH"] == f"{shims.FOLDER / 'php' / 'bin'}:/bin"
    assert made["CARDPRESENT_PORTS"] == "4242=5000"


def test_every_file_of_a_shim_is_where_the_environment_says() -> None:
    names = ("node.cjs", "python/sitecustomize.py", "ruby/cardpresent_redirect.rb", "php/cardpresent.ini")

    assert [name for name in names if not (shims.FOLDER / name).is_file()] == []


def test_what_threads_of_one_process_said_is_joined_and_rubbish_passed_over(tmp_path: Path) -> None:
    hello(tmp_path, "node-7-0.json", redirected=2, sdk="stripe-node 8.222.0")
    hello(tmp_path, "node-7-1.json", redirected=1, program="", refused=["a live key"])
    (tmp_path / "node-8-0.json").write_text("{half", encoding="utf-8")
    (tmp_path / "node-9-0.json").write_text('{"language": "Node.js"}', encoding="utf-8")

    [told] = shims.hellos(tmp_path)

    assert (told.redirected, told.sdk, told.refused) == (3, "stripe-node 8.222.0", ("a live key",))
    assert str(told) == "Node.js 22.0.0 (server.js, pid 7) with stripe-node 8.222.0"


def test_who_said_hello_and_who_did_not_is_told(tmp_path: Path) -> None:
    redirecting = Redirecting(tmp_path, with_shims=True)
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True) as group:
        try:
            silent = until(lambda: [part for part in redirecting.told([group.pid]) if "sleep" in part], "the process")
            hello(tmp_path, "node-7-0.json")
            told = redirecting.told([group.pid])
        finally:
            os.killpg(group.pid, 9)
            redirecting.end()
    assert silent[0].startswith("without a shim: sleep (pid ")
    assert told == ["a shim said hello in Node.js 22.0.0 (server.js, pid 7)", *silent]


def test_a_program_without_a_shim_that_honours_proxies_is_refused_and_remembered(tmp_path: Path) -> None:
    redirecting = Redirecting(tmp_path, with_shims=False)
    environment = redirecting.around({"PATH": os.environ["PATH"]}, {}, BASE, KEY, {})
    with httpx.Client(proxy=environment["HTTPS_PROXY"], trust_env=False, timeout=5) as http:
        for url in ("https://api.stripe.com/v1/charges", "https://example.com/"):
            with pytest.raises(httpx.ProxyError, match="403"):
                http.get(url)
        unencrypted = http.get("http://api.stripe.com/v1/charges")
    redirecting.end()

    assert unencrypted.status_code == 403
    assert unencrypted.text.startswith("cardpresent: nothing leaves this machine")
    assert {environment[name] for name in ("https_proxy", "ALL_PROXY", "HTTP_PROXY")} == {environment["HTTPS_PROXY"]}
    assert environment["NO_PROXY"] == "127.0.0.1,localhost,::1"
    with pytest.raises(httpx.ConnectError), httpx.Client(proxy=environment["HTTPS_PROXY"], trust_env=False) as http:
        http.get("https://api.stripe.com/v1/charges")
    assert redirecting.told([]) == ["something without a shim asked for api.stripe.com, and was refused"]
