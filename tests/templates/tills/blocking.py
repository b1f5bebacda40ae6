"""One call that answers when all is over. With TAPS=1 it presents a card by itself."""

import os
import time

from shop import new_payment, open_shop, process, readers, state, stripe

DEADLINE_S = float(os.environ.get("DEADLINE_S", "60"))
CANCELED = set()


def charge(till, body):
    made = new_payment(body["amount"], currency=body["currency"])
    if "error" in made:
        return till.json({"result": "declined", "message": made["error"]["message"]})
    payment, reader = made["id"], body["reader"]
    told = process(payment, reader)
    if "error" in told:
        stripe("POST", f"/v1/payment_intents/{payment}/cancel")
        return till.json({"result": "declined", "payment_intent": payment, "message": told["error"]["message"]})
    if os.environ.get("TAPS"):
        stripe("POST", f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method")
    return till.json({"payment_intent": payment, **end_of(payment, reader)})


def end_of(payment, reader):
    given_up = time.monotonic() + DEADLINE_S
    while time.monotonic() < given_up:
        status, said = state(payment)
        if status == "paid":
            return {"result": "paid", "message": "Paid, thank you"}
        if status in {"declined", "canceled"} or reader in CANCELED:
            CANCELED.discard(reader)
            stripe("POST", f"/v1/payment_intents/{payment}/cancel")
            return {"result": "declined" if status == "declined" else "canceled", "message": said}
        time.sleep(0.1)
    stripe("POST", f"/v1/terminal/readers/{reader}/cancel_action")
    stripe("POST", f"/v1/payment_intents/{payment}/cancel")
    return {"result": "timed_out", "message": "Nobody paid"}


def cancel(till, body):
    told = stripe("POST", f"/v1/terminal/readers/{body['reader']}/cancel_action")
    if "error" in told:
        return till.json({"error": told["error"]["message"]})
    CANCELED.add(body["reader"])
    return till.json({"ok": True})


open_shop({
    "GET /readers": lambda till, body: till.json(readers()), "POST /charge": charge, "POST /cancel": cancel,
})
