"""Looking for readers nearby, which takes as long as it takes, and ends when somebody says so."""

import threading
from contextlib import suppress
from typing import Final

from cardpresent.sdk import Cancelable, Reader, TerminalError

from .link import Link

FIRST_LOOK_S: Final = 0.5
SEARCH_S: Final = 60.0


class Search:
    """One search at a time. `found` is what the last one found."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._handle: Cancelable | None = None
        self._thread: threading.Thread | None = None
        self.found: list[Reader] = []

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> bool:
        """Start looking, and wait for what is found at once; False while another search runs."""
        if self.running:
            return False
        self._handle, self.found = Cancelable(), []
        self._thread = threading.Thread(target=self._look, args=(self._handle,), name="search", daemon=True)
        self._thread.start()
        self._thread.join(FIRST_LOOK_S)
        return True

    def stop(self) -> None:
        """Break the search off; it has ended when this returns."""
        if self._handle is not None:
            self._handle.cancel()
        if self._thread is not None:
            self._thread.join(FIRST_LOOK_S)

    def _look(self, handle: Cancelable) -> None:
        with suppress(TerminalError):
            self.found = self._link.terminal.discover_readers(cancelable=handle, timeout_s=SEARCH_S)
