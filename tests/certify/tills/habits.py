"""The naive till of fixtures/tills with a habit that tills in the field have, named by HABIT.

`hangs`: it never answers when a payment is to be made. `pages`: where a payment is to be made it answers with an HTML
page. `german`: every word a cashier reads is German. `taps`: it presents the test card itself. `polls`: it asks Stripe
twenty times a second about a payment that waits. `dies`: it ends at its first payment. `reads_first`: it has each card
read, and confirms it then. `undoes`: Stripe captures at once, and what is paid after a cancel all the same is given
back. `gives_all_back`: it knows no refund of a part.
"""

import os
import runpy
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError

HABIT = os.environ["HABIT"]
naive = runpy.run_path(str(Path(__file__).resolve().parents[3] / "fixtures" / "tills" / "naive_till.py"))
stripe, posts, gets, Handler = naive["stripe"], naive["POSTS"], naive["GETS"], naive["Handler"]
asked, created, told = posts["/process"], posts["/create_payment_intent"], Handler.reply
readers, unwanted, one_at_a_time = {}, set(), threading.Lock()
GERMAN = {"error": "Die Zahlung ist nicht möglich. Bitte noch einmal versuchen."}


def hang(body):
    threading.Event().wait()


def end(body):
    os._exit(3)


def tap(body):
    answer = asked(body)
    stripe("POST", f"/v1/test_helpers/terminal/readers/{body['reader_id']}/present_payment_method")
    return answer


def poll(body):
    def look():
        for _ in range(200):
            if stripe("GET", f"/v1/payment_intents/{body['payment_intent_id']}")["status"] != "requires_payment_method":
                return
            time.sleep(0.05)

    answer = asked(body)
    threading.Thread(target=look, daemon=True).start()
    return answer


def read_first(body):
    readers[body["payment_intent_id"]] = body["reader_id"]
    path = f"/v1/terminal/readers/{body['reader_id']}/collect_payment_method"
    return stripe("POST", path, {"payment_intent": body["payment_intent_id"]})


def confirm(query):
    intent = query["payment_intent_id"]
    if stripe("GET", f"/v1/payment_intents/{intent}")["status"] == "requires_confirmation":
        with suppress(HTTPError):  # under way already
            stripe("POST", f"/v1/terminal/readers/{readers[intent]}/confirm_payment_intent", {"payment_intent": intent})
    return stripe("GET", f"/v1/payment_intents/{intent}")


def create_to_be_captured(body):
    return stripe("POST", "/v1/payment_intents", {
        "amount": naive["cents"](body["amount"]), "currency": "usd", "payment_method_types[]": "card_present",
        "capture_method": "automatic",
    })


def undo(body):
    unwanted.add(body["payment_intent_id"])
    with suppress(HTTPError):  # at rest, or with the bank
        stripe("POST", f"/v1/terminal/readers/{body['reader_id']}/cancel_action")
    return undone(body)


def undone(query):
    """A payment as it stands; one that nobody wants is cancelled or given back first."""
    path = f"/v1/payment_intents/{query['payment_intent_id']}"
    with one_at_a_time:
        intent = stripe("GET", f"{path}?expand[]=latest_charge")
        if query["payment_intent_id"] not in unwanted:
            return intent
        try:
            if intent["status"] == "requires_payment_method":
                return stripe("POST", f"{path}/cancel")
            if intent["status"] == "succeeded" and not intent["latest_charge"]["refunded"]:
                stripe("POST", "/v1/refunds", {"payment_intent": intent["id"]})
        except HTTPError:
            return intent  # with the bank: asked again
        return {**intent, "status": "canceled"}


def give_all_back(body):
    return stripe("POST", "/v1/refunds", {"payment_intent": body["payment_intent_id"]})


def page(self, code, body):
    if self.path != "/create_payment_intent":
        return told(self, code, body)
    content = b"<!doctype html><title>Sorry</title><p>Please try again later."
    self.send_response(code)
    self.send_header("Content-Type", "text/html")
    self.send_header("Content-Length", str(len(content)))
    self.end_headers()
    self.wfile.write(content)
    return None


def german(self, code, body):
    told(self, code, GERMAN if "error" in body else body)


posts |= {
    "hangs": {"/create_payment_intent": hang},
    "dies": {"/create_payment_intent": end},
    "taps": {"/process": tap},
    "polls": {"/process": poll},
    "reads_first": {"/process": read_first},
    "undoes": {"/create_payment_intent": create_to_be_captured, "/cancel": undo},
    "gives_all_back": {"/refund": give_all_back},
}.get(HABIT, {})
gets |= {"reads_first": {"/status": confirm}, "undoes": {"/status": undone}}.get(HABIT, {})
Handler.reply = {"pages": page, "german": german}.get(HABIT, told)
sys.stdout.write(f"with the habit {HABIT}\n")
naive["main"]()
