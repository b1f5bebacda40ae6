"""A journal that nobody asked for: nothing is kept, and whoever wants to read it is told how to have one."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.model.entry import Actor, Kind, Wire

_NONE: Final = "no journal is kept here; start with --journal FILE to have one"


class Unwritten(JournalWriter):
    """Takes every entry and drops it. Reading raises ValueError."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.scenario = None
        self._began = time.perf_counter()

    @property
    def last(self) -> NoReturn:
        raise ValueError(_NONE)

    def now_ms(self) -> float:
        return (time.perf_counter() - self._began) * 1000

    def on_write(self, listener: Callable[[], None]) -> None:
        """There will be nothing to listen to."""

    def write(
        self,
        kind: Kind,
        wire: Wire,
        actor: Actor,
        data: Mapping[str, Any],
        *,
        begin_ms: float | None = None,
        end_ms: float | None = None,
        sale: str | None = None,
        documents: Mapping[str, bytes] | None = None,
    ) -> int:
        return 0

    def lines_after(self, n: int, limit: int) -> NoReturn:
        raise ValueError(_NONE)

    def close(self) -> None:
        """There is nothing to close."""
