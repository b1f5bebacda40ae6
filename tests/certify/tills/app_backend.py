"""The backend of an app on devices: connection tokens, payments, captures, cancellations and refunds.

POST /device is for a hand at the device, as in native_till.py. One payment a sale, whoever asks again; WRONG in its
environment makes it wrong in one way: `cent` asks for a cent less, `twice` makes another payment each time a sale is
sent, `collects` says it captured and did not, `refunds` gives the money back twice, `open` hands connection tokens to
anybody.
"""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

import native_till
import stripe
from answering import Answering, serve

STRIPE = stripe.StripeClient(
    os.environ["STRIPE_SECRET_KEY"], base_addresses={"api": os.environ["STRIPE_API_BASE"]}
).v1
TOKEN = os.environ["APP_TOKEN"]
WRONG = os.environ.get("WRONG", "")
PAYMENTS: dict[str, str] = {}
ONE_AT_A_TIME = threading.Lock()
HOW = {"payment_method_types": ["card_present"], "capture_method": "manual"}


def token(_: dict[str, Any]) -> dict[str, Any]:
    return {"secret": STRIPE.terminal.connection_tokens.create().secret}


def pay(asked: dict[str, Any]) -> dict[str, Any]:
    sale, less = asked["sale"], 1 if WRONG == "cent" else 0
    key = {} if WRONG == "twice" else {"idempotency_key": f"pay {sale}"}
    with ONE_AT_A_TIME:
        known = None if WRONG == "twice" else PAYMENTS.get(sale)
        if known:
            intent = STRIPE.payment_intents.retrieve(known)
        else:
            wanted = {"amount": asked["amount"] - less, "currency": asked["currency"], **HOW}
            intent = STRIPE.payment_intents.create(wanted, key)
            PAYMENTS[sale] = intent.id
    return {"id": intent.id, "client_secret": intent.client_secret}


def capture(asked: dict[str, Any]) -> dict[str, Any]:
    if WRONG != "collects":
        STRIPE.payment_intents.capture(asked["id"], options={"idempotency_key": f"capture {asked['id']}"})
    return {"done": True}


def refund(asked: dict[str, Any]) -> dict[str, Any]:
    key = {} if WRONG == "refunds" else {"idempotency_key": f"refund {asked['key']}"}
    for _ in range(2 if WRONG == "refunds" else 1):
        made = STRIPE.refunds.create({"payment_intent": asked["id"], "amount": asked["amount"]}, key)
    return {"id": made.id, "status": made.status}


def cancel(asked: dict[str, Any]) -> dict[str, Any]:
    return {"status": STRIPE.payment_intents.cancel(asked["id"]).status}


def device(told: dict[str, Any]) -> dict[str, Any]:
    {"sell": native_till.sell, "refund": native_till.refund}[told.pop("do")](**told)
    return {}


ROUTES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "/connection_token": token, "/payments": pay, "/captures": capture, "/refunds": refund,
    "/cancels": cancel,
}  # fmt: skip


class Answers(Answering):
    def do_GET(self) -> None:
        self.answer(200, {"up": True})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/device":
            self.answer(200, device(json.loads(raw)))
            return
        allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}" or WRONG == "open"
        if not allowed or self.path not in ROUTES:
            self.answer(404 if allowed else 401, {"error": "no"})
            return
        try:
            self.answer(200, ROUTES[self.path](json.loads(raw or b"{}")))
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            self.answer(200, {"error": error.user_message})
        except stripe.StripeError:
            self.answer(503, {"words": "Not known yet: Stripe cannot be asked. Ask again."})
        except (KeyError, TypeError, ValueError):
            self.answer(400, {"error": "That is no request of this app."})


if __name__ == "__main__":
    serve(Answers)
