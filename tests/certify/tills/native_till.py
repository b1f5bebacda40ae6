"""An app on a device and its backend, in one program: the backend over HTTP, and POST /device for a hand at the device.

What the device does its hand says, so that a test can have it go right or wrong: `card` (none: the sale is cancelled),
`times` (how many payments one sale makes), `collect` (whether the money is taken). All of it at this run's Stripe.
"""

import json
import os

import stripe
from answering import Answering, serve

STRIPE = stripe.StripeClient(
    os.environ["STRIPE_SECRET_KEY"], base_addresses={"api": os.environ["STRIPE_API_BASE"]}
).v1
TOKEN = os.environ["APP_TOKEN"]
PAID: list[str] = []


def reader() -> str:
    made = {"registration_code": "simulated-wpe", "location": os.environ["APP_LOCATION"], "label": "the device's own"}
    return STRIPE.terminal.readers.create(made).id


def sell(amount: int, card: str = "4242424242424242", times: int = 1, collect: bool = True) -> None:
    for _ in range(times):
        how = {"payment_method_types": ["card_present"], "capture_method": "automatic" if collect else "manual"}
        intent = STRIPE.payment_intents.create({"amount": amount, "currency": "usd", **how})
        at = reader()
        STRIPE.terminal.readers.process_payment_intent(at, {"payment_intent": intent.id})
        if not card:
            STRIPE.terminal.readers.cancel_action(at)
            STRIPE.payment_intents.cancel(intent.id)
            continue
        present = STRIPE.test_helpers.terminal.readers.present_payment_method
        present(at, {"type": "card_present", "card_present": {"number": card}})
        PAID.append(intent.id)


def refund(amount: int) -> None:
    STRIPE.refunds.create({"payment_intent": PAID[-1], "amount": amount})


class Answers(Answering):
    def do_GET(self) -> None:
        self.answer(200, {"up": True})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path == "/device":
            {"sell": sell, "refund": refund}[body.pop("do")](**body)
            self.answer(200, {})
        elif self.path == "/connection_token" and self.headers.get("Authorization") == f"Bearer {TOKEN}":
            self.answer(200, {"secret": STRIPE.terminal.connection_tokens.create().secret})
        else:
            self.answer(401, {})


if __name__ == "__main__":
    serve(Answers)
