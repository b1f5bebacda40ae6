"""A handle on something that takes its time."""

import threading


class Cancelable:
    """Hand a fresh one to the call; another thread may `cancel()`. Cancelling what has ended does nothing."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def is_canceled(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until cancelled; whether it was."""
        return self._event.wait(seconds)
