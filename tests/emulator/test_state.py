"""`--state FILE`: what was acknowledged is there after kill -9, and nothing else is different."""

import json
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import stripe

KEY = "sk_test_kept"
ADDRESS = {"line1": "1 Main St", "city": "Springfield", "state": "CA", "postal_code": "94000", "country": "US"}


class Emulator:
    """One emulator process, and a client of it."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.said = json.loads(self.process.stdout.readline())
        self.http = httpx.Client(
            base_url=self.said["url"], trust_env=False, headers={"Authorization": f"Bearer {KEY}"}, timeout=10
        )
        self._sdk = stripe.RequestsClient()
        self.client = stripe.StripeClient(
            KEY, base_addresses={"api": self.said["url"]}, http_client=self._sdk, max_network_retries=0
        ).v1

    def post(self, path: str, body: str = "", **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.http.post(path, content=body, headers=sent)

    def control(self, method: str, path: str, **order: object) -> dict[str, object]:
        answer = self.http.request(method, f"/_emulator/{path}", json=order or None)
        assert answer.status_code == 200, answer.text
        told: dict[str, object] = answer.json()
        return told

    def kill(self) -> None:
        """kill -9: no farewell, no tidying up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.http.is_closed:
            return
        self.http.close()
        self._sdk.close()
        self.process.send_signal(how)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start():
    running: list[Emulator] = []

    def _start(*arguments: str) -> Emulator:
        running.append(Emulator(*arguments))
        return running[-1]

    yield _start
    for one in running:
        one.kill()


def a_day(emulator: Emulator) -> dict[str, str]:
    """A reader, a captured and refunded sale, one still waiting for its card, a fault, a clock moved on."""
    client = emulator.client
    location = client.terminal.locations.create({"display_name": "Shop", "address": ADDRESS}).id
    reader = client.terminal.readers.create({"registration_code": "simulated-wpe", "location": location}).id
    sale = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"], "capture_method": "manual"}
    paid = client.payment_intents.create(sale, {"idempotency_key": "paid"}).id
    client.terminal.readers.process_payment_intent(reader, {"payment_intent": paid})
    client.test_helpers.terminal.readers.present_payment_method(reader)
    client.payment_intents.capture(paid)
    client.refunds.create({"payment_intent": paid, "amount": 700})
    emulator.control("POST", "clock", advance_s=3600)
    waiting = client.payment_intents.create(sale).id
    client.terminal.readers.process_payment_intent(reader, {"payment_intent": waiting})
    emulator.control("POST", f"readers/{reader}/faults", fault="timeout_not_sent", commands="set_reader_display")
    return {"reader": reader, "paid": paid, "waiting": waiting}


def everything(emulator: Emulator) -> list[object]:
    """All an account shows, but for what moves with the clock alone."""
    paths = ("payment_intents", "charges", "refunds", "events", "terminal/readers", "terminal/locations")
    shown = [emulator.http.get(f"/v1/{path}?limit=100").json() for path in paths]
    for reader in shown[paths.index("terminal/readers")]["data"]:
        del reader["last_seen_at"]
    return [*shown, emulator.control("GET", "faults"), emulator.control("GET", "clock")["offset_s"]]


def test_after_kill_9_every_acknowledged_write_is_there(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    first = start(*state)
    day = a_day(first)
    before = everything(first)

    first.kill()
    second = start(*state)

    assert everything(second) == before
    assert second.said["seed"] == first.said["seed"]
    assert second.client.payment_intents.retrieve(day["paid"]).amount_received == 2000


def test_killed_in_the_middle_of_a_burst_it_has_every_create_that_was_answered(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    body = "amount=2000&currency=usd&payment_method_types[]=card_present"
    first = start(*state)
    answered: list[str] = []
    enough = threading.Event()

    def burst() -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
        with httpx.Client(base_url=first.said["url"], trust_env=False, headers=headers, timeout=10) as http:
            try:
                while True:
                    answered.append(http.post("/v1/payment_intents", content=body).json()["id"])
                    if len(answered) >= 200:
                        enough.set()
            except httpx.TransportError:
                return

    bursts = [threading.Thread(target=burst) for _ in range(8)]
    for one in bursts:
        one.start()
    assert enough.wait(30)
    first.kill()
    for one in bursts:
        one.join()
    second = start(*state)

    there = {one.id for one in second.client.payment_intents.list({"limit": 100}).auto_paging_iter()}
    assert set(answered) <= there
    assert len(there) - len(answered) <= len(bursts)


def test_a_payment_that_waited_for_its_card_can_be_paid_after_the_restart(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    first = start(*state)
    day = a_day(first)
    first.kill()
    second = start(*state)

    second.client.test_helpers.terminal.readers.present_payment_method(day["reader"])

    assert second.client.payment_intents.retrieve(day["waiting"]).status == "requires_capture"


def test_keys_and_new_ids_go_on_where_they_were(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    body = "amount=2000&currency=usd&payment_method_types[]=card_present"
    first = start(*state)
    made = first.post("/v1/payment_intents", body, **{"Idempotency-Key": "sale"})
    refused = first.post("/v1/payment_intents/pi_none/capture")
    first.kill()
    second = start(*state)

    again = second.post("/v1/payment_intents", body, **{"Idempotency-Key": "sale"})
    other = second.post("/v1/payment_intents", body)

    assert (again.content, again.headers["Idempotent-Replayed"]) == (made.content, "true")
    assert refused.status_code == 404
    assert other.json()["id"] != made.json()["id"]
    assert other.headers["Request-Id"] != made.headers["Request-Id"]


def test_what_fell_due_while_it_was_down_happens_after_the_restart(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    first = start(*state)
    day = a_day(first)
    first.client.test_helpers.terminal.readers.present_payment_method(day["reader"])
    first.control("DELETE", "faults")
    first.kill()
    second = start(*state)

    second.control("POST", "clock", advance_s=5 * 24 * 3600)
    second.kill()
    third = start(*state)

    expired = third.client.payment_intents.retrieve(day["waiting"])
    assert (expired.status, expired.cancellation_reason) == ("canceled", "expired")
    assert "charge.expired" in [event.type for event in third.client.events.list({"limit": 100}).data]


def test_accounts_and_connected_accounts_come_back_apart(start, tmp_path):
    state = ("--state", str(tmp_path / "shop.state"))
    body = "amount=2000&currency=usd&payment_method_types[]=card_present"
    first = start(*state)
    mine = first.post("/v1/payment_intents", body).json()["id"]
    theirs = first.post("/v1/payment_intents", body, **{"Stripe-Account": "acct_1Other"}).json()["id"]
    first.kill()
    second = start(*state)

    def ids(**headers: str) -> list[str]:
        return [one["id"] for one in second.http.get("/v1/payment_intents", headers=headers).json()["data"]]

    assert (ids(), ids(**{"Stripe-Account": "acct_1Other"})) == ([mine], [theirs])
    assert ids(Authorization="Bearer sk_test_stranger") == []


def test_without_a_file_it_says_so_and_nothing_stays(start):
    first = start("--seed", "5")
    assert first.said["state"] == "memory only"
    a_day(first)
    first.kill()

    assert start("--seed", "5").client.payment_intents.list().data == []


def test_the_file_is_its_owners_alone_and_holds_no_key(start, tmp_path):
    path = tmp_path / "shop.state"
    running = start("--state", str(path))
    a_day(running)
    running.stop()

    assert path.stat().st_mode & 0o077 == 0
    assert KEY.encode() not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


# -------------------------------------------------------------------------------------------------- what cannot be used


def refusal(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert len(ended.stderr.splitlines()) == 1
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("content", "told"), [(b"not a database, and long enough to be looked at" * 30, "is not a state file")]
)
def test_a_file_of_something_else_is_left_as_it_is(tmp_path, content, told):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    code, said = refusal("--state", str(path))

    assert code == 3
    assert told in said
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_named(tmp_path):
    code, said = refusal("--state", str(tmp_path / "nowhere" / "shop.state"))
    assert (code, "cannot be opened: No such file or directory" in said) == (3, True)


def test_a_file_in_use_is_not_used_twice(start, tmp_path):
    path = str(tmp_path / "shop.state")
    start("--state", path)
    code, said = refusal("--state", path)
    assert (code, "in use by another emulator" in said) == (3, True)


def test_another_seed_is_refused(start, tmp_path):
    path = str(tmp_path / "shop.state")
    start("--state", path, "--seed", "5").stop()
    code, said = refusal("--state", path, "--seed", "6")
    assert (code, "has seed 5" in said) == (3, True)


def _rewritten(sql: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file:
            file.execute(sql)
            file.commit()

    return spoil


def _cut_short(path: Path) -> None:
    assert not path.with_name("shop.state-wal").exists()  # an ordinary end leaves one file
    path.write_bytes(path.read_bytes()[:9000])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(_rewritten("UPDATE inputs SET at = at + 86400 WHERE n = 3"), "input 3 of", id="leads elsewhere"),
        pytest.param(_rewritten("UPDATE inputs SET data = x'c1' WHERE n = 2"), "is not a state file", id="scribbles"),
        pytest.param(_cut_short, "is not a state file", id="cut short"),
    ],
)
def test_a_file_that_was_spoilt_is_noticed_and_named(start, tmp_path, spoil, told):
    path = tmp_path / "shop.state"
    running = start("--state", str(path))
    a_day(running)
    running.stop()
    spoil(path)

    code, said = refusal("--state", str(path))

    assert (code, told in said) == (3, True)


def test_a_full_disk_ends_it_before_the_answer_and_what_was_answered_is_there(start, tmp_path):
    path = tmp_path / "shop.state"
    command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0", "--state", str(path)]
    made = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process, httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {KEY}"}) as http:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))  # what a full disk is to a writer
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with pytest.raises(httpx.TransportError):
            while True:
                answer = http.post(f"{url}/v1/customers", data={"description": "x" * 4000})
                assert answer.status_code == 200
                made.append(answer.json()["id"])
        _, said = process.communicate(timeout=10)
    assert (process.returncode, len(said.splitlines()), "cannot be written" in said) == (3, 1, True)

    again = start("--state", str(path))
    assert len(made) > 10
    assert [one for one in made if again.http.get(f"/v1/customers/{one}").status_code != 200] == []


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--port", "x"), ("--port", "-1")])
def test_a_port_that_cannot_be_is_a_wrong_use(arguments):
    command = [sys.executable, "-m", "cardpresent.emulator", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, "is no port" in ended.stderr) == (2, True)


def test_a_port_in_use_is_named(start):
    port = start().said["url"].rpartition(":")[2]
    code, said = refusal("--port", port)
    assert (code, f"--port {port} cannot be listened at" in said) == (3, True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_an_ordinary_end(how):
    command = [sys.executable, "-m", "cardpresent.emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(how)
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, "")
