"""`--state FILE`: every input that changed something, in order, in one SQLite file.

The emulator is a function of its seed and of what it was told and when. So what is kept is not the objects but the
inputs; a start with the file gives them to a fresh emulator again, each at its own time, and all is as it was, running
authorizations and armed faults included. An input is on the disk before its answer is sent: what was acknowledged
survives kill -9. Each entry carries a checksum of its answer, so a replay that goes another way is noticed.

API keys are kept as digests. Webhook secrets that were chosen by hand are in the file, which is why only its owner may
read it.
"""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS made (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS inputs (n INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL);
"""
_FORMAT: Final = "1"
_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder().decode


class StateUnusable(Exception):
    """The file cannot be used; the text is one sentence for whoever named it."""


class Input(NamedTuple):
    """One input: the wall time it came at, what kind it is, and its content."""

    at: float
    kind: str
    data: list[object]


class StateLog:
    """The file, open for one emulator alone."""

    def __init__(self, path: Path, made_by: str, asked_seed: int | None, fresh_seed: int) -> None:
        """Opens or makes the file. A new one takes `fresh_seed`; an old one keeps its own. Raises StateUnusable."""
        self.path = path
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file = sqlite3.connect(path, isolation_level=None, timeout=0.2)
            self._file.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(_SCHEMA)
        except OSError as problem:
            raise StateUnusable(f"--state {path} cannot be opened: {problem.strerror}.") from None
        except sqlite3.DatabaseError as problem:
            raise StateUnusable(_why(path, problem)) from None
        told = dict(self._file.execute("SELECT name, value FROM made"))
        self.is_new = not told
        if self.is_new:
            told = {"format": _FORMAT, "seed": str(fresh_seed), "made_by": made_by}
            self._file.executemany("INSERT INTO made VALUES (?, ?)", told.items())
        self.seed, self.made_by = int(told["seed"]), told["made_by"]
        if told["format"] != _FORMAT:
            raise StateUnusable(f"--state {path} is of another form, that of {self.made_by}; name a new file.")
        if asked_seed is not None and asked_seed != self.seed:
            raise StateUnusable(f"--state {path} has seed {self.seed}; leave --seed out, or name a new file.")
        self.count: int = self._file.execute("SELECT count(*) FROM inputs").fetchone()[0]

    def write(self, at: float, kind: str, *data: object) -> None:
        """Keeps one input. It is safe from the death of this process once this returns."""
        self._file.execute("INSERT INTO inputs (at, kind, data) VALUES (?, ?, ?)", (at, kind, _ENCODE(data)))
        self.count += 1

    def inputs(self) -> Iterator[Input]:
        """Everything kept, oldest first."""
        for at, kind, data in self._file.execute("SELECT at, kind, data FROM inputs ORDER BY n"):
            yield Input(at, kind, _DECODE(data))

    def close(self) -> None:
        self._file.close()


def _why(path: Path, problem: sqlite3.DatabaseError) -> str:
    if "locked" in str(problem):
        return f"--state {path} is in use by another emulator; stop that one, or name another file."
    return f"--state {path} is not a state file of this emulator ({problem}); name another file."
