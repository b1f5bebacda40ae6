"""The journal being written: one JSON object a line, appended, never edited."""

import os
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.evidence.redaction import Redactor
from cardpresent.model.entry import Actor, Entry, Kind, Wire

# Read at once, at most: whoever brings a long journal home must not keep the till waiting meanwhile.
PAGE_BYTES_MAX: Final = 4 * 1024 * 1024


class JournalWriter:
    """Append-only record of one run; the gateway's process is the only one that writes it.

    Each line is an Entry (`cardpresent.model.entry`), numbered from `first`. Secrets are removed before writing. A
    line is handed to the operating system before `write` returns, so a killed process loses none. Entries are read back
    from the file by number: of each, memory holds where it ends, eight bytes, however long the run.

    Raises FileExistsError when the file holds a journal already: two runs never share one. An entry that cannot be
    written is told to `on_lost`, which may end the process, and raised.
    """

    def __init__(self, path: Path, redactor: Redactor, first: int = 1) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size:
            raise FileExistsError(f"{path} holds a journal already; name a new file or remove it")
        self.redactor = redactor
        self.first = first
        self.scenario: str | None = None
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        self._started = time.perf_counter()
        self._ends = array("Q", [0])
        self._encoder = msgspec.json.Encoder()
        self._listeners: list[Callable[[], None]] = []
        self.on_lost: Callable[[OSError], None] = lambda problem: None

    @property
    def last(self) -> int:
        """The number of the newest entry; one less than `first` before there is any."""
        return self.first + len(self._ends) - 2

    def now_ms(self) -> float:
        """Milliseconds since the run began, on a clock that never goes back."""
        return round((time.perf_counter() - self._started) * 1000, 3)

    def on_write(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each entry."""
        self._listeners.append(listener)

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
        """Append one entry and return its number.

        `documents` are fields of `data` still in the bytes they crossed the wire in (JSON, else text). Times default to
        now.
        """
        now = self.now_ms()
        clean: dict[str, Any] = self.redactor.clean(dict(data))
        for name, document in (documents or {}).items():
            clean[name] = self.redactor.clean_document(document)
        n = self.last + 1
        entry = Entry(
            n=n,
            kind=kind,
            wire=wire,
            actor=actor,
            begin_ms=now if begin_ms is None else begin_ms,
            end_ms=now if end_ms is None else end_ms,
            scenario=self.scenario,
            sale=sale,
            data=clean,
        )
        self._append(self._encoder.encode(entry) + b"\n")
        for listener in self._listeners:
            listener()
        return n

    def lines_after(self, n: int, limit: int) -> list[bytes]:
        """At most `limit` entries numbered above `n`, oldest first, each as its JSON bytes; fewer where they come to
        more than PAGE_BYTES_MAX, and one at least."""
        written = len(self._ends) - 1
        first = min(max(n - self.first + 1, 0), written)
        upto = min(first + limit, written)
        start = self._ends[first]
        if self._ends[upto] - start > PAGE_BYTES_MAX:
            upto = max(first + 1, bisect_right(self._ends, start + PAGE_BYTES_MAX, first, upto) - 1)
        end = self._ends[upto]
        return os.pread(self._file, end - start, start).split(b"\n")[:-1]

    def close(self) -> None:
        """Everything is on the disk once this returns."""
        if self._file >= 0:
            with suppress(OSError):  # a pipe, a device: nothing to wait for
                os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as problem:
            os.ftruncate(self._file, self._ends[-1])  # no half of a line
            self.on_lost(problem)
            raise
        self._ends.append(self._ends[-1] + len(line))
