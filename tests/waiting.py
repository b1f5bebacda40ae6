"""Waiting for what a till or an app says only when it is asked: bounded, and a wait in vain fails the test."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
WITHIN_S = 8.0
LOOK_EVERY_S = 0.01


def until(holds: Callable[[], T], what: Callable[[], str] | str = "it", within_s: float = WITHIN_S) -> T:
    """What `holds` answers once that is true. `what` says what was waited for, or what was seen last."""
    end = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < end, f"waited in vain for {what if isinstance(what, str) else what()}"
        time.sleep(LOOK_EVERY_S)
    return found
