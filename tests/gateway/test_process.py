"""The process: one line when it listens, an end when its parent goes, and a journal that is whole."""

import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


def test_both_addresses_listen_once_the_line_is_printed(gateway_process: Callable[..., Any]) -> None:
    server = gateway_process()

    for url in (server.till, server.suite):
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=1):
            pass
    assert server.till != server.suite


def test_the_end_of_stdin_ends_the_process_within_a_second_whatever_still_waits(
    gateway_process: Callable[..., Any], http: httpx.Client
) -> None:
    server = gateway_process()
    http.post(f"{server.suite}/_gateway/faults", json={"fault": "answer_delayed", "operation": "*"})
    polls = [
        f"{server.suite}/_gateway/journal?after=99&wait_ms=60000",
        f"{server.suite}/_gateway/quiet?timeout_ms=60000",
    ]
    waiting = [threading.Thread(target=_get_quietly, args=(url,)) for url in [*polls, f"{server.till}/v1/charges"]]
    for one in waiting:
        one.start()
    _wait_for_entry(http, server, "request")

    began = time.monotonic()
    server.process.stdin.close()
    code = server.process.wait(5)

    assert code == 0
    assert time.monotonic() - began < 1
    for one in waiting:
        one.join(5)
    assert [json.loads(line)["n"] for line in server.journal.read_text().splitlines()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_an_ordinary_end(gateway_process: Callable[..., Any], end: signal.Signals) -> None:
    server = gateway_process()

    server.process.send_signal(end)

    assert server.process.wait(5) == 0


def test_a_killed_process_leaves_every_line_it_wrote(gateway_process: Callable[..., Any], http: httpx.Client) -> None:
    server = gateway_process()
    entries = [{"kind": "log", "data": {"line": str(i)}} for i in range(50)]
    http.post(f"{server.suite}/_gateway/entries", json={"entries": entries})

    server.process.kill()
    server.process.wait(5)

    assert [json.loads(line)["data"]["line"] for line in server.journal.read_text().splitlines()] == [
        str(i) for i in range(50)
    ]


def test_the_cpu_time_told_is_that_of_the_gateways_own_process(
    gateway_process: Callable[..., Any], http: httpx.Client
) -> None:
    def of_children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = of_children()
    server = gateway_process()
    first = http.get(f"{server.suite}/_gateway/about").json()["cpu_s"]
    form = {"amount": "900", "currency": "usd", "payment_method_types[]": "card_present"}
    for _ in range(50):
        http.post(f"{server.till}/v1/payment_intents", auth=("sk_test_busy", ""), data=form)
    then = http.get(f"{server.suite}/_gateway/about").json()["cpu_s"]
    server.process.stdin.close()
    server.process.wait(5)
    in_all = of_children() - before

    assert 0 < first < then <= in_all
    # Its start and its end are most of the rest.
    assert then > in_all / 2


def test_a_given_port_is_taken_and_a_taken_one_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run("--journal", str(tmp_path / "j"), "--till-port", str(taken.getsockname()[1]))

    assert refused.returncode == 2
    assert "--till-port" in refused.stderr


def test_a_journal_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_text("{}\n")

    refused = run("--journal", str(tmp_path / "journal.jsonl"))

    assert (refused.returncode, (tmp_path / "journal.jsonl").read_text()) == (2, "{}\n")
    assert "holds a journal already" in refused.stderr


def test_a_live_key_among_the_secrets_is_refused_unechoed(tmp_path: Path) -> None:
    live = "sk_" + "live_" + "51Never"

    refused = run("--journal", str(tmp_path / "journal.jsonl"), "--secret", live)

    assert refused.returncode == 2
    assert live not in refused.stderr
    assert not (tmp_path / "journal.jsonl").exists()


def test_help_teaches() -> None:
    told = run("--help")

    assert told.returncode == 0
    for word in ("--journal", "--till-port", "/_gateway/faults", "stdin"):
        assert word in told.stdout


def run(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cardpresent.gateway", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def _get_quietly(url: str) -> None:
    try:
        httpx.get(url, trust_env=False, timeout=20, auth=("sk_test_process1", ""))
    except httpx.HTTPError:
        return


def _wait_for_entry(http: httpx.Client, server: Any, kind: str) -> None:
    after = 0
    while True:
        page = http.get(f"{server.suite}/_gateway/journal?after={after}&wait_ms=3000").json()
        assert page["entries"], f"no {kind} was written"
        if any(entry["kind"] == kind for entry in page["entries"]):
            return
        after = page["last"]
