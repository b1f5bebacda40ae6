"""The SDK's own thread: it tells the listeners, looks after the reader, and forwards what is stored."""

import queue
import threading
import time
from collections.abc import Callable

WATCH_EVERY_S = 0.25


class Background:
    """Runs queued calls in order, `watch` while `watching()`, `forward` while `pending()`, `forward_every_s` apart."""

    def __init__(
        self, *, watching: Callable[[], bool], watch: Callable[[], None], pending: Callable[[], bool],
        forward: Callable[[], object], forward_every_s: float, log: Callable[[str], None],
    ) -> None:
        self._watching, self._watch, self._pending, self._forward = watching, watch, pending, forward
        self._forward_every_s, self._log = forward_every_s, log
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._ends = False
        self._next_forward = 0.0
        self._thread = threading.Thread(target=self._run, name="terminal-sdk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, call: Callable[[], None]) -> None:
        self._calls.put(call)

    def wake(self) -> None:
        """A reader was connected, or something stored: look at once."""
        self._next_forward = 0.0
        self._calls.put(None)

    def stop(self) -> None:
        """Waits for what is being done; what is queued is not done any more."""
        self._ends = True
        self._calls.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=20)

    def _run(self) -> None:
        while not self._ends:
            try:
                call = self._calls.get(timeout=self._pause_s())
            except queue.Empty:
                call = None
            if self._ends:
                return
            if call is not None:
                self._guarded(call)
                continue
            if self._watching():
                self._guarded(self._watch)
            if time.monotonic() >= self._next_forward and self._pending():
                self._next_forward = time.monotonic() + self._forward_every_s
                self._guarded(self._forward)

    def _pause_s(self) -> float | None:
        """How long nothing needs doing; None: until somebody calls."""
        pauses = []
        if self._watching():
            pauses.append(WATCH_EVERY_S)
        if self._pending():
            pauses.append(max(0.0, self._next_forward - time.monotonic()))
        return min(pauses, default=None)

    def _guarded(self, call: Callable[[], object]) -> None:
        """A listener of the till's that raises must not end the thread that forwards its money."""
        try:
            call()
        except Exception as error:
            self._log(f"terminal sdk: {type(error).__name__}: {error}")
