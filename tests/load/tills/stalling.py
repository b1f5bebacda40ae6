"""The naive till of fixtures/tills, which stands still for the first of every five seconds, whatever it is asked."""

import runpy
import time
from pathlib import Path

EVERY_S, STALLS_S = 5.0, 1.0
NAIVE = Path(__file__).resolve().parents[3] / "fixtures" / "tills" / "naive_till.py"

naive = runpy.run_path(str(NAIVE))
Handler = naive["Handler"]
at_once = Handler.answer


def answer(self, action, given):
    into = time.time() % EVERY_S
    if into < STALLS_S:
        time.sleep(STALLS_S - into)
    at_once(self, action, given)


Handler.answer = answer
Handler.log_message = lambda self, *told: None
naive["main"]()
