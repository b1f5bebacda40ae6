"""The till's clock: wall time plus an offset that only the time hook moves."""

import time


class Clock:
    """Seconds since the epoch, as this till sees them. The offset never goes backwards."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def now(self) -> float:
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> float:
        self._offset_s += max(0.0, seconds)
        return self.now()
