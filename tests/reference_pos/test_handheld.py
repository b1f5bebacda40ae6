"""The till to carry around: an app on Terminal's SDK, driven over HTTP, with a gateway that can cut its line."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import until

Json = dict[str, Any]
WITHIN_S = 8.0
DECLINED = "4000000000009995"


class App:
    """One running app with a reader of its own."""

    def __init__(self, http: httpx.Client, venue: Any, folder: Path) -> None:
        self.http, self.venue, self._sales = http, venue, 0
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.reader = venue.reader()
        location = venue.call("GET", f"/v1/terminal/readers/{self.reader}")["location"]
        allowed = venue.call("POST", "/v1/terminal/configurations", **{"offline[enabled]": "true"})
        venue.call("POST", f"/v1/terminal/locations/{location}", configuration_overrides=allowed["id"])
        self._env = {
            **os.environ, "STRIPE_API_BASE": venue.till_url, "STRIPE_SECRET_KEY": venue.key, "POS_PORT": str(port),
            "POS_FOLDER": str(folder), "POS_LOCATION": location, "POS_TOKEN": "cashier-token",
            "POS_MANAGER_TOKEN": "manager-token", "POS_RETRY_S": "0.05", "POS_RETRY_MAX_S": "0.2",
            "POS_OFFLINE_EACH_MAX": "15000", "POS_OFFLINE_TOTAL_MAX": "20000", "POS_TIME_HOOK": "1",
            "POS_EXIT_WITH_STDIN": "1", "NO_PROXY": "127.0.0.1",
        }  # fmt: skip
        self.start()
        self.done("PUT", "/registers/front", "manager-token", reader=self.reader)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cardpresent.reference_pos.handheld"], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, env=self._env,
        )  # fmt: skip
        until(self._answers, "an answer")

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def _answers(self) -> bool:
        try:
            return self.http.get(f"{self.url}/health").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, method: str, path: str, token: str = "cashier-token", **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.request(method, self.url + path, headers=headers, json=body or None)

    def done(self, method: str, path: str, token: str = "cashier-token", **body: Any) -> Json:
        answer = self.ask(method, path, token, **body)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def rings_up(self, amount: int = 2140) -> str:
        self._sales += 1
        name = f"H-{self._sales}"
        self.done("POST", "/sales", sale=name, amount=amount)
        return name

    def taps(self, number: str | None = None) -> None:
        def asked() -> bool:
            return self.venue.control("GET", f"/readers/{self.reader}")["screen"] == "card"

        until(asked, "the reader to ask for a card")
        self.venue.tap(self.reader, number)

    def sells(self, amount: int = 2140, number: str | None = None) -> str:
        name = self.rings_up(amount)
        self.taps(number)
        return name

    def sees(self, sale: str, outcome: str) -> Json:
        shown: Json = {}

        def there() -> bool:
            shown.update(self.done("GET", f"/sales/{sale}"))
            return bool(shown["outcome"] == outcome)

        until(there, lambda: f"{sale} {outcome}; last seen {shown}")
        return shown

    def cut_off(self) -> None:
        self.venue.gateway("POST", "/faults", fault="till_cut_off", operation="*")

    def reconnected(self) -> None:
        self.venue.gateway("DELETE", "/faults")


@pytest.fixture
def app(http: httpx.Client, new_venue: Any, gateway_ports: Json, tmp_path: Path) -> Iterator[App]:
    running = App(http, new_venue(gateway_ports["suite"], gateway_ports["till"]), tmp_path)
    yield running
    running.reconnected()
    if running.process.poll() is None:
        running.end()


def test_with_a_network_it_is_a_till_like_any_other(app: App) -> None:
    sale = app.sells(2140, DECLINED)
    app.sees(sale, "not_paid")
    app.done("POST", f"/sales/{sale}/pay")
    app.taps()

    paid = app.sees(sale, "paid")

    assert paid["captured"] == 2140
    assert [one["id"] for one in app.venue.intents_of(sale)] == [paid["payment_intent"]]


def test_without_one_a_payment_is_stored_and_paid_when_the_line_is_back(app: App) -> None:
    app.cut_off()
    sale = app.sells()
    stored = app.sees(sale, "stored")
    assert "not approved" in stored["words"]
    assert stored["captured"] == 0
    app.reconnected()

    app.sees(sale, "paid")

    (intent,) = app.venue.intents_of(sale)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 2140)


def test_a_decline_when_it_is_sent_is_the_managers_to_see_to(app: App) -> None:
    app.cut_off()
    sale = app.sells(3260, DECLINED)
    app.sees(sale, "stored")
    app.reconnected()
    app.sees(sale, "payment_lost")

    listed = app.done("GET", "/stored")

    assert (listed["count"], listed["lost"], listed["sums"]["lost"]) == (0, 1, 3260)
    assert [(one["sale"], one["owner"]) for one in listed["payments"]] == [(sale, "manager")]


def test_a_second_payment_of_one_sale_is_let_go(app: App) -> None:
    app.venue.control("POST", f"/readers/{app.reader}/faults", fault="forwarded_twice", count=1)
    app.cut_off()
    sale = app.sells()
    app.sees(sale, "stored")
    app.reconnected()
    app.sees(sale, "paid")

    until(lambda: app.done("GET", "/stored")["count"] == 0, "the journal to be closed")

    assert sorted(one["status"] for one in app.venue.intents_of(sale)) == ["canceled", "succeeded"]


def test_nothing_that_would_lose_a_stored_payment_is_done(app: App) -> None:
    leaving = ("/logout", "/device/clear", "/account", "/day/close")
    app.cut_off()
    sale = app.sells()
    app.sees(sale, "stored")

    assert [app.ask("POST", path).status_code for path in leaving] == [409] * 4

    app.reconnected()
    app.sees(sale, "paid")
    until(lambda: app.ask("POST", "/day/close").status_code == 200, "leave to go on")
    assert [app.ask("POST", path).status_code for path in leaving] == [200] * 4


def test_limits_and_stored_payments_outlive_a_power_cut(app: App) -> None:
    app.cut_off()
    first = app.sells(15_000)
    app.sees(first, "stored")
    assert app.sees(app.rings_up(15_020), "not_paid")["words"].endswith("Take another tender.")
    app.kill()
    app.start()

    assert app.sees(app.rings_up(5_020), "not_paid")["words"].endswith("Take another tender.")

    app.sees(first, "stored")
    app.reconnected()
    app.sees(first, "paid")


def test_a_sale_that_was_under_way_in_a_power_cut_is_not_paid_and_its_payment_used_again(app: App) -> None:
    sale = app.rings_up()
    until(lambda: bool(app.venue.intents_of(sale)), "a payment at Stripe")
    app.kill()
    app.start()
    app.sees(sale, "not_paid")
    app.done("POST", f"/sales/{sale}/pay")
    app.taps()

    app.sees(sale, "paid")

    assert len(app.venue.intents_of(sale)) == 1


def test_one_customer_at_a_time_and_the_next_one_after_a_cancel(app: App) -> None:
    first = app.rings_up()
    assert app.done("GET", f"/sales/{app.rings_up()}")["outcome"] == "not_paid"
    app.done("POST", f"/sales/{first}/cancel")

    app.sees(app.sells(), "paid")


def test_doors(app: App) -> None:
    assert app.ask("PUT", "/registers/front", reader=app.reader).status_code == 403
    assert app.ask("GET", "/stored", "nobody").status_code == 401
    assert app.ask("GET", "/sales/H-none").status_code == 404
    assert app.ask("POST", "/sales", sale="H-x", amount="a lot").status_code == 400
