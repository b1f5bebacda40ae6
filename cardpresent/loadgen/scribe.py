"""Writes what is asked and heard under load into the journal, many entries a call."""

import queue
import threading
from collections.abc import Mapping
from typing import Any, Final

from cardpresent.drivers.wire import Wire, WireError

# How long what need not be there at once waits for company.
LINGER_S: Final = 0.05
MOST_AT_ONCE: Final = 400

Noted = Mapping[str, Any]


class Scribe:
    """One writer for everybody in this process: what several hand in at the same time goes in one call.

    `trouble` is what kept it from writing, once something did.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: queue.Queue[tuple[Noted, threading.Event | None] | None] = queue.Queue()
        self.trouble: WireError | None = None
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    def write(self, entry: Noted) -> None:
        """Soon, and in the order in which it is handed in."""
        self._waiting.put((entry, None))

    def write_first(self, entry: Noted) -> None:
        """Before anything else happens: returns when the journal has it. Raises WireError where it cannot be had."""
        written = threading.Event()
        self._waiting.put((entry, written))
        written.wait()
        if self.trouble is not None:
            raise self.trouble

    def close(self) -> None:
        """Write what is left."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        over = False
        while not over:
            batch = [self._waiting.get()]
            if batch[0] is not None and batch[0][1] is None:
                batch += self._company()
            while not self._waiting.empty() and len(batch) < MOST_AT_ONCE:
                batch.append(self._waiting.get())
            over = None in batch
            handed = [one for one in batch if one is not None]
            try:
                self._wire.note_all([entry for entry, _ in handed])
            except WireError as trouble:
                self.trouble = self.trouble or trouble
            for _, written in handed:
                if written is not None:
                    written.set()

    def _company(self) -> list[tuple[Noted, threading.Event | None] | None]:
        try:
            return [self._waiting.get(timeout=LINGER_S)]
        except queue.Empty:
            return []
