"""A sale costs the same whether the shop has five readers or hundreds, each with a fault armed, and however many sales
came before it.

Cost is counted in steps of Python's own machine, which no other program on the host can change.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.emulator.inside import Inside

ADDRESS = {"line1": "1 Main", "city": "SF", "state": "CA", "country": "US", "postal_code": "94111"}
SALE = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"], "capture_method": "manual"}


def steps_of(action: Callable[[], object]) -> int:
    """How many bytecodes an action runs."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return count


def cost(readers: int, fault: str | None = None) -> int:
    """Of one sale at one reader of a shop with so many, each of the others with that fault."""
    with Inside() as inside:
        location = inside.ok("POST", "/v1/terminal/locations", {"display_name": "Shop", "address": ADDRESS})["id"]
        ours = _registered(inside, location)
        if fault is None:
            inside.control("POST", "readers", count=readers, label="lane", location=location)
        else:
            for _ in range(readers):
                inside.control("POST", f"readers/{_registered(inside, location)}/faults", fault=fault)
        _sell(inside, ours)  # what is derived on first use is there from now on
        return steps_of(lambda: _sell(inside, ours))


def _registered(inside: Inside, location: str) -> str:
    asked = {"registration_code": "simulated-wpe", "location": location}
    return str(inside.ok("POST", "/v1/terminal/readers", asked)["id"])


def _sell(inside: Inside, reader: str) -> None:
    payment = inside.ok("POST", "/v1/payment_intents", SALE)["id"]
    inside.ok("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", {"payment_intent": payment})
    inside.ok("POST", f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method")
    inside.ok("POST", f"/v1/payment_intents/{payment}/capture")


def test_readers_that_stand_by_cost_a_sale_nothing():
    assert cost(400) < cost(5) * 1.02


def test_faults_at_other_readers_cost_a_sale_nothing():
    assert cost(100, "slow_issuer") < cost(5, "slow_issuer") * 1.02


def test_sales_of_before_cost_a_sale_nothing():
    with Inside() as inside:
        location = inside.ok("POST", "/v1/terminal/locations", {"display_name": "Shop", "address": ADDRESS})["id"]
        reader = _registered(inside, location)
        for _ in range(20):
            _sell(inside, reader)
        early = steps_of(lambda: _sell(inside, reader))
        for _ in range(400):
            _sell(inside, reader)

        assert steps_of(lambda: _sell(inside, reader)) < early * 1.02
