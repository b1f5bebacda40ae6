"""Connection tokens, create, capture: the backend of an app. With LEAKS=1 a payment is made for a cent less."""

import os

from shop import new_payment, open_shop, stripe


def token(till, body):
    till.json({"secret": stripe("POST", "/v1/terminal/connection_tokens")["secret"]})


def create(till, body):
    made = new_payment(body["amount"] - (1 if os.environ.get("LEAKS") else 0), "manual", body["currency"])
    answer = {"id": made["id"], "client_secret": made["client_secret"]} if "id" in made else {}
    till.json(answer or {"error": made["error"]["message"]})


def capture(till, body):
    told = stripe("POST", f"/v1/payment_intents/{body['payment_intent_id']}/capture")
    till.json({"error": told["error"]["message"]} if "error" in told else {"ok": True})


open_shop({
    "GET /readers": lambda till, body: till.json({"ok": True}), "POST /connection_token": token,
    "POST /create_payment_intent": create, "POST /capture_payment_intent": capture,
})
