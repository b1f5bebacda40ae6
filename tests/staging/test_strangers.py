"""A gateway that others can reach, from a stranger's side: nothing is told, nothing is kept, nobody is held up."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from cardpresent.launch.gateway_token import GatewayUnusable, derived
from cardpresent.launch.staging import about_of
from cardpresent.profile import load
from tests.profile.test_loading import GOOD
from tests.staging.conftest import TOKEN, Standing, clean_environment

KEY = f"sk_test_{derived(TOKEN, 'till key')}"


def _asked(url: str, method: str, path: str, key: str, **sent: object) -> httpx.Response:
    return httpx.request(method, f"{url}{path}", auth=(key, ""), trust_env=False, timeout=20, **sent)  # type: ignore[arg-type]


def _journal(url: str) -> str:
    own = {"X-Cardpresent-Token": TOKEN}
    return httpx.get(f"{url}/_gateway/journal", headers=own, trust_env=False).text


def test_a_key_that_is_not_the_tills_opens_no_account_and_leaves_no_word(gateway: Callable[..., Standing]) -> None:
    url = gateway().url
    hook = {"url": "http://169.254.169.254/latest/", "enabled_events[]": "*"}

    for key in ("sk_test_stranger", "rk_test_stranger", "", KEY[:-1], f"{KEY}x"):
        assert _asked(url, "POST", "/v1/webhook_endpoints", key, data=hook).status_code == 401
    assert "169.254" not in _journal(url)
    assert _asked(url, "POST", "/v1/webhook_endpoints", KEY, data=hook).status_code == 200


def test_the_suite_still_hears_that_a_till_came_with_another_key(gateway: Callable[..., Standing]) -> None:
    url = gateway().url
    for number in range(300):
        _asked(url, "GET", "/v1/account", f"sk_test_{number}")

    own = {"X-Cardpresent-Token": TOKEN}
    seen = httpx.get(f"{url}/_gateway/redirection", headers=own, trust_env=False).json()

    assert seen["till_requests"] == 300
    assert len(seen["requests_by_key"]) == 100


def test_a_token_for_an_sdk_is_the_venues_to_judge(gateway: Callable[..., Standing]) -> None:
    url = gateway().url
    token = _asked(url, "POST", "/v1/terminal/connection_tokens", KEY).json()["secret"]

    def told(secret: str) -> httpx.Response:
        as_sdk = {"Authorization": f"Bearer {secret}"}
        return httpx.get(f"{url}/v1/terminal/readers", headers=as_sdk, trust_env=False)

    assert "Invalid API Key" not in told(token).text, "what a token may do is known where it was handed out"
    assert (told("pst_test_guessed").status_code, "Invalid API Key" in told("pst_test_guessed").text) == (401, True)


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/_gateway/../_gateway/journal", "//_gateway/journal",
                                  "/_gateway%2fjournal", "/v1/../_gateway/journal"])  # fmt: skip
def test_no_way_of_writing_a_path_leads_to_the_controls(gateway: Callable[..., Standing], path: str) -> None:
    host, _, port = gateway().url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = line.makefile("rb").read()

    assert answer.split(b" ")[1] in {b"400", b"401", b"404"}
    assert b"entries" not in answer


def test_a_stranger_is_turned_away_before_a_large_body_is_read(gateway: Callable[..., Standing]) -> None:
    host, _, port = gateway().url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(b"POST /v1/refunds HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\nx=")
        assert b" 401 " in line.recv(200)


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN} and more", f"{TOKEN}é"])
def test_a_token_that_no_header_can_carry_is_told_where_it_is_set(token: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cardpresent", "gateway", "--journal", f"{tmp_path}/j.jsonl"],
        env=clean_environment(CARDPRESENT_GATEWAY_TOKEN=token), capture_output=True, text=True, timeout=30,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert ended.returncode == 3
    assert "no header can carry" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


ANSWERS = {
    "a page": b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<h1>Welcome</h1",
    "a list": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "a table of something else": b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"venue\": {}}",
    "a way elsewhere": b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n",
    "no text": b"HTTP/1.1 502 Bad\r\nContent-Length: 4\r\n\r\n\xff\xfe\xfd\xfc",
    "no HTTP": b"220 mail.example ESMTP\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_gateway_at_its_address_is_a_mistake_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setenv("CARDPRESENT_GATEWAY_TOKEN", TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve() -> None:
            with suppress(OSError):
                caller, _ = listening.accept()
                with caller:
                    caller.recv(65536)
                    caller.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        path = tmp_path / "staging.toml"
        command, env = (line for line in GOOD.splitlines() if line.startswith(("command", "env")))
        staged = GOOD.replace(command, 'base_url = "http://127.0.0.1:9"').replace(env, "").replace(
            'probe = "startup"', f'probe = "startup"\ngateway = "http://127.0.0.1:{listening.getsockname()[1]}"'
        )
        path.write_text(staged, encoding="utf-8")

        with pytest.raises(GatewayUnusable, match=r"staging\.toml: stripe\.gateway: ") as caught:
            about_of(load(path))
        thread.join(10)

    assert len(str(caught.value).splitlines()) == 1
