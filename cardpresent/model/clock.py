"""Time as it is handed to those who need it."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time; tests hand over their own."""

    def now_s(self) -> float:
        """Seconds of a clock that never goes back."""


class WallClock:
    """The machine's own monotonic clock."""

    def now_s(self) -> float:
        return time.monotonic()
