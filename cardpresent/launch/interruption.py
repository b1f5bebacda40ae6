"""Ctrl-C, SIGTERM and a terminal that closes: all three end a run in good order."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, ClassVar, Final, Self

WORDS: Final = {
    signal.SIGINT: "interrupted from the keyboard",
    signal.SIGTERM: "ended by SIGTERM",
    signal.SIGHUP: "ended because its terminal was closed",
}
UNKNOWN_CALL: Final = WORDS[signal.SIGINT]


class Interruption:
    """While entered, the first such signal raises KeyboardInterrupt where the program is; `by` says what came.

    It raises once. What follows is the ending of children, which is bounded and must not be cut short in its turn; and
    where Python drops an exception (in a destructor, say), whoever runs scenarios looks at `by` before the next one.
    """

    _deferring: ClassVar[bool] = False
    _late: ClassVar[bool] = False

    def __init__(self) -> None:
        self.by: str | None = None
        # Where somebody else was interrupted and passes it on: their words for it.
        self.called: str | None = None
        self._awaited = True
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._came) for number in WORDS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def no_longer(self) -> None:
        """There is nothing left to interrupt: what runs now only ends processes and writes the report."""
        self._awaited = False

    def _came(self, number: int, frame: FrameType | None) -> None:
        if self._awaited and self.by is None:
            self.by = self.called or WORDS[signal.Signals(number)]
            if Interruption._deferring:
                Interruption._late = True
            else:
                raise KeyboardInterrupt

    @classmethod
    @contextmanager
    def deferred(cls, undo: Callable[[], None] | None = None) -> Iterator[None]:
        """What comes in the meantime is raised when the block has ended, and `undo` has taken back what it began.

        In the main thread, that is; Python interrupts no other.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        cls._late, cls._deferring = False, True
        try:
            yield
        finally:
            cls._deferring = False
        if cls._late:
            if undo is not None:
                undo()
            raise KeyboardInterrupt
