"""The naive till of fixtures/tills with a habit that tills in the field have, named by HABIT.

`hangs`: it never answers when a payment is to be made. `pages`: where a payment is to be made it answers with an HTML
page. `german`: every word a cashier reads is German. `taps`: it presents the test card itself. `polls`: it asks Stripe
twenty times a second about a payment that waits. `dies`: it ends at its first payment.
"""

import os
import runpy
import sys
import threading
import time
from pathlib import Path

HABIT = os.environ["HABIT"]
naive = runpy.run_path(str(Path(__file__).resolve().parents[3] / "fixtures" / "tills" / "naive_till.py"))
stripe, posts, gets, Handler = naive["stripe"], naive["POSTS"], naive["GETS"], naive["Handler"]
asked, created, told = posts["/process"], posts["/create_payment_intent"], Handler.reply
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
}.get(HABIT, {})
Handler.reply = {"pages": page, "german": german}.get(HABIT, told)
sys.stdout.write(f"with the habit {HABIT}\n")
naive["main"]()
