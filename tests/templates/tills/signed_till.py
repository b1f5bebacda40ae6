"""A till whose API takes signed bodies only: X-Signature is the HMAC-SHA256 of the body under $SIGNING_KEY."""

import hashlib
import hmac
import json
import os

from shop import new_payment, open_shop, process, readers, state, stripe

KEY = os.environ["SIGNING_KEY"].encode()


def signed(action):
    def checked(till, body):
        # The body as it came: JSON written by one library reads the same when it is written again by it.
        right = hmac.new(KEY, json.dumps(body).encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, till.headers.get("X-Signature", "")):
            return till.json({"error": "the signature is wrong"}, 403)
        return till.json(action(body))

    return checked


def sell(body):
    payment = new_payment(body["amount"])["id"]
    told = process(payment, body["reader"])
    return {"payment": payment, **({"state": "refused", "words": told["error"]["message"]} if "error" in told else
                                   {"state": "waiting"})}


def cancel(body):
    stripe("POST", f"/v1/terminal/readers/{body['reader']}/cancel_action")
    told = stripe("POST", f"/v1/payment_intents/{body['payment']}/cancel")
    return {"state": "refused" if "error" in told else "done"}


def look(till, body):
    status, said = state(till.named)
    till.json({"state": status, "words": said})


open_shop({
    "GET /readers": lambda till, body: till.json(readers()), "POST /sell": signed(sell), "POST /cancel": signed(cancel),
    "GET /state/*": look,
})
