"""`cardpresent emulate`: one process and one port for a developer, webhooks included."""

import json
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

KEY = "sk_test_desk"
PAYMENT: Any = {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]}


class Desk:
    """One such process, and what a developer does with it."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cardpresent", "emulate", "--port", "0", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.said = json.loads(self.process.stdout.readline())
        self.url: str = self.said["url"]
        self.stripe = stripe.StripeClient(KEY, base_addresses={"api": self.url}, max_network_retries=0).v1

    def control(self, method: str, path: str, **order: Any) -> Any:
        answer = httpx.request(method, self.url + path, json=order or None, auth=(KEY, ""), trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def quiet(self) -> None:
        assert self.control("GET", "/_gateway/quiet")["quiet"]

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(how)
        _, told = self.process.communicate(timeout=10)
        return self.process.returncode, told


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    started: list[Desk] = []

    def start(*options: str) -> Desk:
        started.append(Desk(*options))
        return started[-1]

    yield start
    for one in started:
        if one.process.returncode is None:
            one.end(signal.SIGKILL)


def test_ctrl_c_ends_it_and_leaves_no_trace(desk: Callable[..., Desk]) -> None:
    running = desk()

    code, told = running.end()

    assert code == 0
    assert "Traceback" not in told
    for word in (running.url, "sk_test_desk", "/v1/webhook_endpoints", "--forward-to", "/_gateway/faults", "Ctrl-C"):
        assert word in told


def test_a_page_that_a_developer_happens_to_have_open_arms_no_fault(desk: Callable[..., Desk]) -> None:
    running = desk()
    order = {"fault": "server_error", "operation": "*"}
    by_page = {"Origin": "https://somewhere.example", "Content-Type": "text/plain"}

    answer = httpx.post(f"{running.url}/_gateway/faults", json=order, headers=by_page, trust_env=False)

    assert answer.status_code == 403
    assert running.control("GET", "/_gateway/faults") == {"faults": []}


def test_one_port_serves_stripe_and_both_controls(desk: Callable[..., Desk]) -> None:
    running = desk()
    intent = running.stripe.payment_intents.create(PAYMENT)

    assert running.stripe.payment_intents.retrieve(intent.id).amount == 900
    assert running.control("GET", "/_emulator/clock")["offset_s"] == 0
    assert running.control("GET", "/_gateway/faults") == {"faults": []}


def test_everything_is_forwarded_under_the_secret_it_prints(desk: Callable[..., Desk], receiver: Any) -> None:
    running = desk("--forward-to", receiver.url.removeprefix("http://"))
    receiver.secret = running.said["forward_secret"]
    running.stripe.payment_intents.create(PAYMENT)
    running.quiet()

    assert [(one.type, one.verified) for one in receiver.received] == [("payment_intent.created", True)]
    assert running.stripe.events.list().data[0].pending_webhooks == 0
    assert receiver.secret in running.end()[1]


def test_the_secret_of_an_address_is_the_same_at_every_start(desk: Callable[..., Desk]) -> None:
    here, again, there = (desk("--forward-to", f"localhost:{port}/hook") for port in (4242, 4242, 4243))

    assert here.said["forward_secret"] == again.said["forward_secret"] != there.said["forward_secret"]


def test_an_endpoint_of_stripes_own_api_is_served(desk: Callable[..., Desk], receiver: Any) -> None:
    running = desk()
    made = running.stripe.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    receiver.secret = made.secret
    running.stripe.payment_intents.create(PAYMENT)
    running.quiet()

    assert [one.verified for one in receiver.received] == [True]


def test_a_developer_may_ask_for_webhooks_twice_and_in_disorder(desk: Callable[..., Desk], receiver: Any) -> None:
    running = desk("--forward-to", receiver.url)
    running.control("POST", "/_gateway/faults", fault="webhook_duplicated", types=["payment_intent.created"], count=1)
    intent = running.stripe.payment_intents.create(PAYMENT)
    running.quiet()
    twice = receiver.types()
    running.control("POST", "/_gateway/faults", fault="webhook_reordered", collect=2)
    running.stripe.payment_intents.cancel(intent.id)
    running.stripe.payment_intents.create(PAYMENT)
    running.quiet()

    assert twice == ["payment_intent.created"] * 2
    assert receiver.types()[2:] == ["payment_intent.created", "payment_intent.canceled"]


def test_the_seed_decides_every_id(desk: Callable[..., Desk]) -> None:
    first, second = (desk("--seed", "11").stripe.payment_intents.create(PAYMENT).id for _ in range(2))

    assert first == second


def test_a_webhook_not_yet_accepted_is_delivered_after_kill_9(
    desk: Callable[..., Desk], receiver: Any, tmp_path: Path
) -> None:
    options = ("--state", str(tmp_path / "desk.state"), "--forward-to", receiver.url)
    first = desk(*options)
    receiver.secret = first.said["forward_secret"]
    first.stripe.payment_intents.create(PAYMENT)
    receiver.wait_for(1)
    first.quiet()
    first.control("POST", "/_gateway/faults", fault="webhook_withheld")
    held = first.stripe.payment_intents.create(PAYMENT)
    first.end(signal.SIGKILL)

    second = desk(*options)
    receiver.wait_for(2)
    second.quiet()

    about = [json.loads(one.body)["data"]["object"]["id"] for one in receiver.received]
    assert (len(about), about[1]) == (2, held.id)
    assert all(one.verified for one in receiver.received)
    assert [one.pending_webhooks for one in second.stripe.events.list().data] == [0, 0]


def test_an_address_named_later_gets_nothing_of_the_past(
    desk: Callable[..., Desk], receiver: Any, tmp_path: Path
) -> None:
    state = ("--state", str(tmp_path / "desk.state"))
    first = desk(*state)
    first.stripe.payment_intents.create(PAYMENT)
    first.end()
    second = desk(*state, "--forward-to", receiver.url)
    intent = second.stripe.payment_intents.create(PAYMENT)
    second.quiet()

    assert [json.loads(one.body)["data"]["object"]["id"] for one in receiver.received] == [intent.id]


def test_a_journal_is_kept_only_when_asked_for(desk: Callable[..., Desk], tmp_path: Path) -> None:
    file = tmp_path / "desk.jsonl"
    without, with_one = desk(), desk("--journal", str(file))
    for running in (without, with_one):
        running.stripe.payment_intents.create(PAYMENT)

    answer = httpx.get(f"{without.url}/_gateway/journal?wait_ms=5000", trust_env=False)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "no journal is kept here; start with --journal FILE to have one"},
    )
    assert [json.loads(line)["kind"] for line in file.read_text().splitlines()] == ["request", "reply"]


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = [run("cardpresent", "emulate", "--port", port), run("cardpresent.gateway.desk", "--port", port)]

    assert [one.returncode for one in refused] == [3, 3]
    assert all(one.stderr.count("\n") == 1 and f"--port {port}" in one.stderr for one in refused)


def test_a_journal_on_a_full_disk_ends_it_in_one_sentence_and_no_half_line(tmp_path: Path) -> None:
    file = tmp_path / "desk.jsonl"
    command = [sys.executable, "-m", "cardpresent.gateway.desk", "--port", "0", "--journal", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (40_000, 40_000))  # what a full disk is to a writer
        with pytest.raises(httpx.TransportError):
            while True:
                answer = httpx.get(f"{url}/v1/customers", auth=("sk_test_full", ""), trust_env=False)
                assert answer.status_code == 200
        _, said = process.communicate(timeout=10)

    assert (process.returncode, said.splitlines()[-1].startswith(f"cardpresent: --journal {file} cannot")) == (3, True)
    assert len([json.loads(line) for line in file.read_text().splitlines()]) > 20


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--forward-to", "ftp://localhost/hook"), "--forward-to"),
        (("--forward-to", "http://"), "--forward-to"),
        (("--state", "/"), "--state"),
        (("--journal", "/dev/null/journal"), "--journal"),
    ],
)
def test_what_cannot_be_started_as_asked_is_one_sentence(options: tuple[str, ...], said: str) -> None:
    refused = run("cardpresent", "emulate", "--port", "0", *options)

    assert refused.returncode in (2, 3)
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def run(module: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
