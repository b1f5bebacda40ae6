"""One emulator for the whole run, on a frozen clock; every test gets a shop: an account of its own."""

import itertools
import socket
import threading
from typing import Any

import httpx
import pytest
import stripe
import uvicorn

from cardpresent.emulator.app import EmulatorApp, create_app
from cardpresent.emulator.clock import FrozenClock
from tests.emulator.judged import Judged

US_ADDRESS = {"line1": "1 Main St", "city": "Springfield", "state": "CA", "postal_code": "94000", "country": "US"}
ADDRESSES = {
    "US": US_ADDRESS,
    "CA": {**US_ADDRESS, "state": "ON", "country": "CA"},
    "AU": {**US_ADDRESS, "state": "NSW", "country": "AU"},
    "GB": {**US_ADDRESS, "country": "GB"},
    "DE": {**US_ADDRESS, "country": "DE"},
    "FR": {**US_ADDRESS, "country": "FR"},
    "AE": {**US_ADDRESS, "country": "AE"},
}


class Server:
    """The emulator behind a real socket, in a thread."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.app: EmulatorApp = create_app(seed=7, clock=self.clock)
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.judged = Judged(self.app)
        self.app.subscribe(lambda account, key, body, event: self.events.setdefault(key, []).append(event))
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(self.judged, lifespan="off", log_level="warning", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()
        self.sdk_http = stripe.RequestsClient()
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=10)

    def close(self) -> None:
        self.http.close()
        self.sdk_http.close()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Shop:
    """A merchant with one reader, and shorthands for what tests need before they begin."""

    def __init__(self, server: Server, key: str, country: str = "US") -> None:
        self.server, self.key = server, key
        self.client = stripe.StripeClient(
            key, base_addresses={"api": server.url, "files": server.url}, http_client=server.sdk_http,
            max_network_retries=0,
        ).v1
        self.control("POST", "account", country=country)
        location = {"display_name": "Shop", "address": ADDRESSES[country]}
        self.location = self.client.terminal.locations.create(location).id
        self.reader = self.client.terminal.readers.create(
            {"registration_code": "simulated-wpe", "location": self.location}
        ).id

    # ------------------------------------------------------------------------------------------------------- raw calls

    def call(self, method: str, path: str, body: str = "", **headers: str) -> httpx.Response:
        """One request as bytes on the wire."""
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-www-form-urlencoded", **headers}
        return self.server.http.request(method, path, content=body, headers=sent)

    def control(self, method: str, path: str, **order: Any) -> Any:
        answer = self.server.http.request(
            method, f"/_emulator/{path}", json=order or None, headers={"Authorization": f"Bearer {self.key}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, name: str, **settings: Any) -> str:
        fault: str = self.control("POST", f"readers/{self.reader}/faults", fault=name, **settings)["id"]
        return fault

    def release(self, fault: str) -> dict[str, Any]:
        record: dict[str, Any] = self.control("DELETE", f"faults/{fault}")
        return record

    def advance(self, s: int) -> None:
        self.control("POST", "clock", advance_s=s)

    # -------------------------------------------------------------------------------------------------------- payments

    def payment(self, amount: int = 2000, currency: str = "usd", **params: Any) -> Any:
        given = {"payment_method_types": ["card_present"], "capture_method": "manual", **params}
        return self.client.payment_intents.create({"amount": amount, "currency": currency, **given})

    def process(self, payment: Any, **config: Any) -> Any:
        params = {"payment_intent": payment.id, **({"process_config": config} if config else {})}
        return self.client.terminal.readers.process_payment_intent(self.reader, params)

    def collect(self, payment: Any, **config: Any) -> Any:
        params = {"payment_intent": payment.id, **({"collect_config": config} if config else {})}
        return self.client.terminal.readers.collect_payment_method(self.reader, params)

    def confirm(self, payment: Any, **config: Any) -> Any:
        params = {"payment_intent": payment.id, **({"confirm_config": config} if config else {})}
        return self.client.terminal.readers.confirm_payment_intent(self.reader, params)

    def present(self, number: str | None = None, **params: Any) -> Any:
        if number is not None:
            params.setdefault("card_present", {"number": number})
        return self.client.test_helpers.terminal.readers.present_payment_method(self.reader, params)

    def authorized(self, amount: int = 2000, currency: str = "usd", number: str | None = None, **params: Any) -> Any:
        """A PaymentIntent whose card was presented."""
        payment = self.payment(amount, currency, **params)
        self.process(payment)
        self.present(number)
        return self.read(payment)

    def captured(self, amount: int = 2000, number: str | None = None) -> Any:
        payment = self.authorized(amount, number=number)
        return self.client.payment_intents.capture(payment.id)

    def read(self, payment: Any) -> Any:
        return self.client.payment_intents.retrieve(payment.id, {"expand": ["latest_charge"]})

    def charges(self, payment: Any) -> list[Any]:
        """The charges of a PaymentIntent, oldest first."""
        return self.client.charges.list({"payment_intent": payment.id}).data[::-1]

    def action(self) -> Any:
        return self.client.terminal.readers.retrieve(self.reader).action

    def events(self) -> list[str]:
        """Types of this account's events so far, oldest first, as subscribers heard them."""
        return [event["type"] for event in self.server.events.get(self.key, [])]

    def refusal(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        """The error object of a call that must fail."""
        with pytest.raises(stripe.StripeError) as caught:
            call(*args, **kwargs)
        error = caught.value.error
        error.http_status = caught.value.http_status
        return error


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def as_documented(request):
    """Every answer a test gets from the shared emulator is what Stripe's document says of that operation."""
    running = request.getfixturevalue("server") if "server" in request.fixturenames else None
    yield
    breaches = running.judged.settle() if running else []
    assert not breaches, "not as Stripe's document says:\n" + "\n".join(breaches)


_numbers = itertools.count(1)


@pytest.fixture
def key() -> str:
    return f"sk_test_{next(_numbers):08d}"


@pytest.fixture
def shop(server, key) -> Shop:
    return Shop(server, key)


@pytest.fixture
def shop_in(server, key):
    return lambda country: Shop(server, key, country)
