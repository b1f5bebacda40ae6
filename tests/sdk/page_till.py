"""A page of a shop in a real Chromium, with Stripe's Terminal script answered by terminal.js."""

from http.server import BaseHTTPRequestHandler
from typing import Any

from playwright.async_api import Page

from cardpresent.drivers.pos.chromium import Chromium
from tests.sdk.conftest import Shop
from tests.waiting import until

# What a page of a shop does first. Everything that its handlers hear is kept in `heard`.
SET_UP = """
window.heard = [];
const hears = (name) => (event) => window.heard.push([name, event]);
window.terminal = StripeTerminal.create({
  onFetchConnectionToken: () => window.token(),
  onUnexpectedReaderDisconnect: hears("disconnected"),
  onConnectionStatusChange: (event) => window.heard.push(event.status),
  onPaymentStatusChange: (event) => window.heard.push(event.status),
});
window.connected = async (config) => {
  const found = await terminal.discoverReaders(config);
  return terminal.connectReader(found.discoveredReaders[0]);
};
"""


class PageServer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        script = self.path.partition("?")[2] or "https://js.stripe.com/terminal/v1/"
        page = f'<!doctype html><link rel="icon" href="data:,"><script src="{script}"></script>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *given: Any) -> None:
        """A test says what it has to say itself."""


class Till:
    """A page of a shop, open in the browser."""

    def __init__(self, browser: Chromium, shop: Shop, page: Page, url: str) -> None:
        self.browser, self.shop, self.page, self.url = browser, shop, page, url

    @classmethod
    def opened(cls, browser: Chromium, shop: Shop, url: str) -> "Till":
        page = browser.run(browser.new_page())
        till = cls(browser, shop, page, url)
        browser.run(page.expose_function("token", shop.token))
        browser.run(page.goto(url))
        till.does(SET_UP)
        return till

    def does(self, script: str, given: Any = None) -> Any:
        """Run statements in the page; what they return, its promises awaited."""
        return self.browser.run(self.page.evaluate(f"async (given) => {{ {script} }}", given))

    def of(self, expression: str, given: Any = None) -> Any:
        return self.does(f"return await ({expression});", given)

    def begins(self, expression: str, given: Any = None) -> None:
        """Start something that does not end by itself; `ended` waits for it."""
        self.does(f"window.over = null; ({expression}).then((told) => {{ window.over = {{ told }}; }});", given)

    @property
    def is_over(self) -> bool:
        return bool(self.of("window.over !== null"))

    def ended(self) -> Any:
        until(lambda: self.is_over, "a promise of the page")
        return self.of("window.over.told")

    def secret(self, amount: int = 2000, **given: Any) -> str:
        made = self.shop.backend.payment_intents.create(
            {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"], "capture_method": "manual",
             **given}  # type: ignore[typeddict-item]
        )  # fmt: skip
        return str(made.client_secret)

    def collects(self, secret: str, number: str = "4242424242424242", **given: Any) -> Any:
        self.begins("terminal.collectPaymentMethod(given)", secret)
        self.shop.present(number, **given)
        return self.ended()

    def pays(self, secret: str, number: str = "4242424242424242") -> Any:
        collected = self.collects(secret, number)
        return self.of("terminal.processPayment(given)", collected["paymentIntent"])


def registered(shop: Shop, label: str = "front", location: str | None = None) -> str:
    """A smart reader, at the shop's own Location unless another is given."""
    asked = {"registration_code": "simulated-wpe", "location": location or shop.location, "label": label}
    return str(shop.stripe.terminal.readers.create(asked).id)  # type: ignore[arg-type]


def site(shop: Shop, country: str = "US", state: str = "ME", postal_code: str = "04401") -> str:
    """Another Location of the shop's account."""
    address = {"line1": "3 Mill Lane", "city": "Bangor", "state": state, "postal_code": postal_code, "country": country}
    return str(shop.stripe.terminal.locations.create({"display_name": "Mill", "address": address}).id)  # type: ignore[typeddict-item]
