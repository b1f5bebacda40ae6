"""The naive till of fixtures/tills, with a bad habit of its own, named by HABIT.

`own_address`: it goes to an address of its own instead of the one it is given. `uncovered`: it sends Stripe what no
emulator here covers. `talks`: it writes its keys into its log and into what the cashier reads. `deaf`: it ends with
neither its stdin nor SIGTERM. `quits`: it complains and ends at once. What `talks` leaks stands in the file KEEP_AT.
"""

import os
import runpy
import signal
import sys
from pathlib import Path

HABIT = os.environ["HABIT"]
NAIVE = Path(__file__).resolve().parents[3] / "fixtures" / "tills" / "naive_till.py"
SECRETS = f"{os.environ['STRIPE_SECRET_KEY']} {os.environ.get('STRIPE_WEBHOOK_SECRET', '')}"

if HABIT == "quits":
    sys.stdout.write(f"no licence for {SECRETS}\n")
    sys.exit(3)
if HABIT == "talks":
    Path(os.environ["KEEP_AT"]).write_text(SECRETS)
if HABIT == "own_address":
    os.environ["STRIPE_API_BASE"] = "http://127.0.0.1:9"
if HABIT == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

naive = runpy.run_path(str(NAIVE))


def create_payment_intent(body):
    if HABIT == "talks":
        sys.stdout.write(f"starting a sale with {SECRETS}\n")
        raise ValueError(f"refused by {SECRETS}")
    params = {"amount": naive["cents"](body["amount"]), "currency": "usd", "payment_method_types[]": "card_present",
              "capture_method": "manual"}
    return naive["stripe"]("POST", "/v1/payment_intents", {**params, "confirmation_token": "ctoken_1"})


if HABIT in {"talks", "uncovered"}:
    naive["POSTS"]["/create_payment_intent"] = create_payment_intent
naive["main"]()
