"""Create, process, poll, capture: a JSON backend with an endpoint for each. With LOOKS=1 looking is what captures."""

import os

from shop import new_payment, open_shop, process, readers, state, stripe


def create(till, body):
    made = new_payment(body["amount"], "manual", body["currency"])
    till.json({"id": made["id"]} if "id" in made else {"error": made["error"]["message"]})


def send(till, body):
    told = process(till.named, body["reader"])
    till.json({"error": told["error"]["message"]} if "error" in told else {"ok": True})


def look(till, body):
    status, said = state(till.named)
    if status == "authorized" and os.environ.get("LOOKS"):
        stripe("POST", f"/v1/payment_intents/{till.named}/capture")
    till.json({"status": status, "message": said})


def capture(till, body):
    told = stripe("POST", f"/v1/payment_intents/{till.named}/capture")
    till.json({"error": told["error"]["message"]} if "error" in told else {"ok": True})


def cancel(till, body):
    stripe("POST", f"/v1/terminal/readers/{body['reader']}/cancel_action")
    told = stripe("POST", f"/v1/payment_intents/{till.named}/cancel")
    till.json({"error": told["error"]["message"]} if "error" in told else {"ok": True})


open_shop({
    "GET /readers": lambda till, body: till.json(readers()), "POST /payments": create,
    "POST /payments/*/process": send, "GET /payments/*": look, "POST /payments/*/capture": capture,
    "POST /payments/*/cancel": cancel,
})
