"""The yardstick of load: a bare FastHttpUser that makes the requests of a payment, one after the other, and no more."""

import itertools
import json
import os

import gevent
from locust import FastHttpUser, constant, task

SALE = json.dumps({"sale": "LD-bench-1-1", "amount": "25.00", "reader": "tmr_1", "register": "front"}).encode()
CARD = b'{"number":"4242424242424242"}'
# What is written down before a sale is asked for, and after it: as the driver writes it.
INTENT, SCREENS = (json.dumps(json.loads(os.environ[name])).encode() for name in ("BENCH_INTENT", "BENCH_SCREENS"))
JSON = {"content-type": "application/json"}
LEFT = itertools.count(int(os.environ["BENCH_PAYMENTS"]), -1)


class Bare(FastHttpUser):
    wait_time = constant(0)
    host = os.environ["BENCH_URL"]

    @task
    def pays(self) -> None:
        left = next(LEFT)
        if left == 0:
            gevent.spawn(self.environment.runner.quit)
        if left <= 0:
            gevent.sleep(1)
            return
        client = self.client
        client.post("/_gateway/entries", data=INTENT, headers=JSON, name="intent")
        client.post("/sales", data=SALE, headers=JSON, name="start sale")
        client.post("/_emulator/readers/tmr_1/present", data=CARD, headers=JSON, name="present")
        client.get("/sales/LD-bench-1-1", name="approval")
        client.post("/_gateway/entries", data=SCREENS, headers=JSON, name="screens")
