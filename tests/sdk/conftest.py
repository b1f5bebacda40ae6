"""A gateway with the emulator behind it in one process, a backend made of the official client, and devices beside it.

The SDK talks to the till's door, as a till's would; the suite's door holds the controls. Every test has an account of
its own.
"""

import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from cardpresent.launch.browser import LAUNCH_ARGUMENTS
from cardpresent.launch.pages import terminal_script
from cardpresent.sdk import (
    Cancelable,
    DisconnectReason,
    OfflineBehavior,
    OfflineStatus,
    PaymentIntent,
    PaymentIntentParameters,
    Reader,
    Terminal,
    TerminalError,
)
from tests.gateway.conftest import Server, end_gateway, start_gateway
from tests.waiting import until

_KEYS = itertools.count(1)
ADDRESS = {"line1": "1 Main St", "city": "Springfield", "state": "CA", "postal_code": "94000", "country": "US"}
NOON = 1_790_000_000


@dataclass
class Heard:
    """A till's listeners, which write down what they are told."""

    forwarded: list[tuple[PaymentIntent, TerminalError | None]] = field(default_factory=list)
    stuck: list[TerminalError] = field(default_factory=list)
    statuses: list[OfflineStatus] = field(default_factory=list)
    reader: list[str] = field(default_factory=list)
    cancelable: Cancelable | None = None

    def did_change_offline_status(self, status: OfflineStatus) -> None:
        self.statuses.append(status)

    def did_forward(self, intent: PaymentIntent, error: TerminalError | None) -> None:
        self.forwarded.append((intent, error))

    def did_report_forwarding_error(self, error: TerminalError) -> None:
        self.stuck.append(error)

    def did_disconnect_unexpectedly(self, reader: Reader, reason: DisconnectReason) -> None:
        self.reader.append("disconnected")

    def did_start_reconnect(self, reader: Reader, cancelable: Cancelable, reason: DisconnectReason) -> None:
        self.cancelable = cancelable
        self.reader.append("reconnecting")

    def did_succeed_reconnect(self, reader: Reader) -> None:
        self.reader.append("reconnected")

    def did_fail_reconnect(self, reader: Reader) -> None:
        self.reader.append("in vain")


class Doing:
    """A call in a thread of its own, and how it ended."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.answer, self.error = None, None
        try:
            self.answer = self._call()
        except TerminalError as error:
            self.error = error

    def ended(self) -> Any:
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        return self.answer

    def failed(self) -> TerminalError:
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()
        assert self.error is not None
        return self.error


class Shop:
    """A merchant: an account, a location where payments may be stored, a reader, and the line that may be cut."""

    def __init__(self, server: Server, http: httpx.Client, folder: Path) -> None:
        self.key = f"sk_test_sdk{next(_KEYS)}{server.till[-4:]}"
        self.server, self.http, self.folder = server, http, folder
        self.stripe = stripe.StripeClient(self.key, base_addresses={"api": server.suite}, max_network_retries=0).v1
        self.backend = stripe.StripeClient(self.key, base_addresses={"api": server.till}, max_network_retries=0).v1
        self.allow_offline()
        self.location = self.stripe.terminal.locations.create({"display_name": "Shop", "address": ADDRESS}).id
        self.reader = self.placed()
        self.now = float(NOON)
        self.heard = Heard()
        self.tokens = 0
        self._open: list[Terminal] = []

    # -------------------------------------------------------------------------------------------- at Stripe, and around

    def allow_offline(self, enabled: bool = True) -> None:
        default = self.stripe.terminal.configurations.list({"is_account_default": True}).data[0].id
        self.stripe.terminal.configurations.update(default, {"offline": {"enabled": enabled}})

    def placed(self, device_type: str = "stripe_m2", location: str | None = None) -> str:
        asked = {"device_type": device_type, "location": location or self.location}
        return str(self.control("POST", "mobile_readers", **asked)["id"])

    def control(self, method: str, path: str, **order: Any) -> Any:
        answer = self.http.request(
            method, f"{self.server.suite}/_emulator/{path}", json=order or None,
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, name: str, **settings: Any) -> str:
        fault: str = self.control("POST", f"readers/{self.reader}/faults", fault=name, **settings)["id"]
        return fault

    def arm(self, fault: str, operation: str | None = None, **settings: Any) -> str:
        """A fault on the till's line to Stripe."""
        asked = {"fault": fault, "operation": operation, **settings}
        id: str = self.http.post(f"{self.server.suite}/_gateway/faults", json=asked).json()["id"]
        return id

    def release(self, fault: str) -> None:
        assert self.http.delete(f"{self.server.suite}/_gateway/faults/{fault}").status_code == 200

    def cut_off(self) -> str:
        return self.arm("till_cut_off")

    def screen(self) -> str:
        return str(self.control("GET", f"readers/{self.reader}")["screen"])

    def waits_for_card(self) -> None:
        until(lambda: self.screen() in ("card", "tip"))

    def present(self, number: str = "4242424242424242", **params: Any) -> None:
        """The customer's hand, which waits for the reader to ask."""
        self.waits_for_card()
        self.stripe.test_helpers.terminal.readers.present_payment_method(
            self.reader, {"type": "card_present", "card_present": {"number": number}, **params}
        )

    def intents(self) -> list[Any]:
        """The PaymentIntents at Stripe, oldest first."""
        return self.stripe.payment_intents.list({"limit": 100, "expand": ["data.latest_charge"]}).data[::-1]

    # ------------------------------------------------------------------------------------------------------- the device

    def token(self) -> str:
        self.tokens += 1
        return str(self.backend.terminal.connection_tokens.create().secret)

    def terminal(self, name: str = "device", **given: Any) -> Terminal:
        """The app on one device; the same name finds the same storage."""
        options: dict[str, Any] = {
            "api_base": self.server.till, "reader_base": self.server.till, "storage": self.folder / name,
            "clock": lambda: self.now, "offline_listener": self.heard, "reader_listener": self.heard,
            "forward_every_s": 0.02, "reconnect_s": 2.0, **given,
        }
        made = Terminal(options.pop("token_provider", self.token), **options)
        self._open.append(made)
        return made

    def connected(self, name: str = "device", **given: Any) -> Terminal:
        terminal = self.terminal(name, **given)
        terminal.connect_reader(self.in_range(terminal))
        return terminal

    def in_range(self, terminal: Terminal) -> Reader:
        return next(reader for reader in terminal.discover_readers(self.location) if reader.id == self.reader)

    def collected(
        self, terminal: Terminal, intent: PaymentIntent, number: str = "4242424242424242", **params: Any
    ) -> PaymentIntent:
        collecting = Doing(lambda: terminal.collect_payment_method(intent))
        self.present(number, **params)
        collected: PaymentIntent = collecting.ended()
        return collected

    def sale(
        self, terminal: Terminal, amount: int = 2000, *, sale: str = "s1", number: str = "4242424242424242",
        behavior: OfflineBehavior = OfflineBehavior.PREFER_ONLINE, capture: Any = "manual",
    ) -> PaymentIntent:
        """A whole sale: made, collected, confirmed."""
        wanted = PaymentIntentParameters(amount, "usd", capture, {"sale": sale})
        intent = terminal.create_payment_intent(wanted, offline_behavior=behavior)
        return terminal.confirm_payment_intent(self.collected(terminal, intent, number))

    def close(self) -> None:
        self.http.delete(f"{self.server.suite}/_gateway/faults")
        for terminal in self._open:
            terminal.close()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_gateway(tmp_path_factory.mktemp("gateway"))
    yield started
    end_gateway(started)


@pytest.fixture
def shop(gateway: Server, tmp_path: Path) -> Iterator[Shop]:
    with httpx.Client(trust_env=False, timeout=10) as http:
        opened = Shop(gateway, http, tmp_path)
        yield opened
        opened.close()


# ------------------------------------------------------------------------------------------------- a page in a browser


@pytest.fixture(scope="module")
def page_server() -> Iterator[str]:
    """Where the shop's page is loaded from: an origin that is not Stripe's."""
    from tests.sdk.page_till import PageServer

    server = ThreadingHTTPServer(("127.0.0.1", 0), PageServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(gateway: Server) -> Iterator[Any]:
    from cardpresent.drivers.pos.chromium import Chromium

    executable = Path(shutil.which("chromium") or "/usr/bin/chromium")
    opened = Chromium(executable, LAUNCH_ARGUMENTS, terminal_script(gateway.till))
    yield opened
    opened.close()


@pytest.fixture
def counter(shop: Shop) -> Shop:
    """The shop with a reader on its network, as pages work with."""
    from tests.sdk.page_till import registered

    shop.reader = registered(shop)
    return shop


@pytest.fixture
def till(browser: Any, counter: Shop, page_server: str) -> Iterator[Any]:
    """The shop's page, open."""
    from tests.sdk.page_till import Till

    opened = Till.opened(browser, counter, page_server)
    yield opened
    browser.run(opened.page.close())


@pytest.fixture
def connected(till: Any) -> Any:
    """The shop's page, connected to its reader."""
    assert till.of("connected()")["reader"]["id"] == till.shop.reader
    return till
