"""The app that the suite plays is nobody's till: whatever the backend does, it must not be the one who errs."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cardpresent.drivers.pos import sdk_app
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.sdk import PaymentIntent, Reader

AT = {"sale": "s1", "reader": "tmr_1"}
PRESSED = 8


class Backend:
    """Hands out the same payment every time, to everybody at the same moment."""

    def __init__(self, at_once: int) -> None:
        self._together = threading.Barrier(at_once)

    def offers(self, verb: Verb) -> bool:
        return verb == "start_sale"

    def perform(self, verb: Verb, values: Mapping[str, object], **_: Any) -> PosReply:
        self._together.wait(10)
        return PosReply(Outcome.ACCEPTED, Standing.SETTLED, "", {"client_secret": "pi_1_secret_x"}, 200, None, "")


class Device:
    """Stripe's SDK with one reader, which finds its payment as `status` and keeps who asks for a card waiting."""

    status = "requires_payment_method"
    asked: list[str]

    def __init__(self, *_: object, **__: object) -> None:
        self.asked, self.card = [], threading.Event()
        self.connected_reader = Reader("tmr_1", "simulated_wisepos_e", "SN", "front", None)
        self.intent = PaymentIntent("pi_1", 2000, "usd", self.status, "manual", {})

    def retrieve_payment_intent(self, secret: str) -> PaymentIntent:
        return self.intent

    def collect_payment_method(self, intent: PaymentIntent) -> PaymentIntent:
        self.asked.append(str(intent.id))
        assert self.card.wait(10)
        return intent

    def confirm_payment_intent(self, intent: PaymentIntent) -> PaymentIntent:
        return PaymentIntent("pi_1", 2000, "usd", "requires_capture", "manual", {})

    def close(self) -> None: ...


def app_before(backend: Backend, monkeypatch: pytest.MonkeyPatch, folder: Path, status: str) -> tuple[Any, Device]:
    monkeypatch.setattr(Device, "status", status)
    monkeypatch.setattr(sdk_app, "Terminal", Device)
    app = sdk_app.SdkApp(backend, "http://127.0.0.1:1", folder)
    return app, app._terminal  # type: ignore[return-value]


def ended(app: Any) -> PosReply:
    app._payments["s1"].hand.join(10)
    return app.perform("sale_state", AT)


def test_pay_pressed_many_times_at_once_asks_for_one_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app, device = app_before(Backend(PRESSED), monkeypatch, tmp_path, "requires_payment_method")

    with ThreadPoolExecutor(PRESSED) as fingers:
        told = [each.result(10) for each in [fingers.submit(app.perform, "start_sale", AT) for _ in range(PRESSED)]]
    device.card.set()

    assert {reply.standing for reply in told} == {Standing.COLLECTING}
    assert ended(app).standing is Standing.HELD
    assert device.asked == ["pi_1"]


@pytest.mark.parametrize(
    ("status", "outcome", "standing"),
    [
        ("succeeded", Outcome.ACCEPTED, Standing.SETTLED),
        ("requires_capture", Outcome.UNKNOWN, Standing.HELD),
        ("canceled", Outcome.REFUSED, Standing.SETTLED),
    ],
)
def test_a_payment_that_is_over_is_shown_as_it_is_and_no_card_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: str, outcome: Outcome, standing: Standing
) -> None:
    app, device = app_before(Backend(1), monkeypatch, tmp_path, status)

    app.perform("start_sale", AT)
    told = ended(app)

    assert (told.outcome, told.standing) == (outcome, standing)
    assert device.asked == []
