"""What an SDK talks to, at the wire: being let in, the link to a reader beside it, forwarding; kept through kill -9."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulator.test_state import ADDRESS, Emulator, start  # noqa: F401


class Device:
    """A device's raw calls."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(trust_env=False, timeout=10)
        self.url, self.session = url, ""

    def activate(self, token: str) -> "Device":
        self.session = self.stripe("activate", token, connection_token=token)["session"]
        return self

    def stripe(self, path: str, secret: str = "", key: str = "", **form: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {secret or self.session}", **({"Idempotency-Key": key} if key else {})}
        answer = self.http.post(f"{self.url}/v1/terminal/sdk/{path}", data=form, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    def reader(self, reader: str, what: str, **order: Any) -> httpx.Response:
        return self.http.post(f"{self.url}/_reader/{reader}/{what}", json=order)

    def state(self, reader: str, link: str) -> dict[str, Any]:
        told: dict[str, Any] = self.http.get(f"{self.url}/_reader/{reader}/state", params={"link": link}).json()
        return told


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device("")
    yield made
    made.http.close()


def counter(emulator: Emulator) -> tuple[str, str]:
    """A reader at a location, and a token."""
    location = emulator.client.terminal.locations.create({"display_name": "Shop", "address": ADDRESS}).id
    reader = str(emulator.control("POST", "mobile_readers", location=location)["id"])
    return reader, str(emulator.client.terminal.connection_tokens.create().secret)


def stored_card(emulator: Emulator, device: Device, reader: str) -> tuple[str, str]:
    """The link to the reader, and a card that was read and kept for later."""
    link = device.reader(reader, "connect", device="d1").json()["link"]
    device.reader(reader, "collect", link=link, amount=2000, currency="usd")
    emulator.client.test_helpers.terminal.readers.present_payment_method(reader)
    read = device.state(reader, link)["prompt"]["read"]["id"]
    assert device.reader(reader, "finish", link=link, read=read, stored=True).status_code == 200
    return link, read


SALE = {"amount": "2000", "currency": "usd", "capture_method": "manual", "payment_method_types[0]": "card_present",
        "stored_at": "1790000000"}


def test_stored_cards_links_and_sessions_outlive_the_process(start, device: Device, tmp_path: Path) -> None:  # noqa: F811
    kept = str(tmp_path / "state.db")
    first = start("--state", kept)
    reader, token = counter(first)
    device.url = first.said["url"]
    device.activate(token)
    link, read = stored_card(first, device, reader)
    first.kill()

    again = start("--state", kept)
    device.url = again.said["url"]
    state = device.state(reader, link)
    forwarded = device.stripe("forward", key="k1", read=read, **SALE)

    assert state == {"prompt": None}
    assert forwarded["status"] == "requires_capture"


def test_stored_card_data_pays_once_whatever_the_key(start, device: Device) -> None:  # noqa: F811
    emulator = start()
    reader, token = counter(emulator)
    device.url = emulator.said["url"]
    device.activate(token)
    _, read = stored_card(emulator, device, reader)

    made = [device.stripe("forward", key=key, read=read, **SALE)["id"] for key in ("k1", "k1", "k2")]

    assert len(set(made)) == 1
    assert len(emulator.client.charges.list({}).data) == 1


@pytest.mark.parametrize(
    ("secret", "says"), [("pst_test_made_up", "Invalid API Key"), ("", "session is over")],
    ids=["no session of ours", "a token in a session's place"],
)
def test_only_a_session_that_lives_lets_an_sdk_call(start, secret: str, says: str) -> None:  # noqa: F811
    emulator = start()
    _, token = counter(emulator)

    answer = httpx.post(
        f"{emulator.said['url']}/v1/terminal/sdk/payment_intents", data={"amount": "100", "currency": "usd"},
        headers={"Authorization": f"Bearer {secret or token}"}, trust_env=False,
    )

    assert answer.status_code == 401
    assert says in answer.json()["error"]["message"]


def test_a_link_that_is_gone_or_another_devices_opens_nothing(start, device: Device) -> None:  # noqa: F811
    emulator = start()
    reader, token = counter(emulator)
    device.url = emulator.said["url"]
    device.activate(token)
    link = device.reader(reader, "connect", device="d1").json()["link"]

    assert device.reader(reader, "collect", link="lnk_other", amount=100, currency="usd").status_code == 410
    assert device.reader(reader, "connect", device="d2").json()["error"] == "taken"
    assert device.reader("tmr_none", "connect", device="d1").status_code == 404
    device.reader(reader, "disconnect", link=link)
    assert device.reader(reader, "collect", link=link, amount=100, currency="usd").status_code == 410
    assert device.http.post(f"{device.url}/_reader/{reader}/connect", content=b"[1]").status_code == 400
