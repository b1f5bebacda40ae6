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
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import msgspec

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS made (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS inputs (n INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL);
"""
_FORMAT: Final = "1"
_CANNOT_GO_ON: Final = 3  # exit code
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
            told = dict(self._file.execute("SELECT name, value FROM made"))
            self.is_new = not told
            if self.is_new:
                told = {"format": _FORMAT, "seed": str(fresh_seed), "made_by": made_by}
                self._file.execute("BEGIN")
                self._file.executemany("INSERT INTO made VALUES (?, ?)", told.items())
                self._file.execute("COMMIT")
            self.count: int = self._file.execute("SELECT count(*) FROM inputs").fetchone()[0]
            self.seed, self.made_by = int(told["seed"]), told["made_by"]
        except OSError as problem:
            raise StateUnusable(f"--state {path} cannot be opened: {problem.strerror}.") from None
        except sqlite3.DatabaseError as problem:
            raise StateUnusable(_why(path, problem)) from None
        except (KeyError, ValueError):
            raise StateUnusable(_why(path, "it does not say how it was made")) from None
        if told["format"] != _FORMAT:
            raise StateUnusable(f"--state {path} is of another form, that of {self.made_by}; name a new file.")
        if asked_seed is not None and asked_seed != self.seed:
            raise StateUnusable(f"--state {path} has seed {self.seed}; leave --seed out, or name a new file.")

    def write(self, at: float, kind: str, *data: object) -> None:
        """Keeps one input. It is safe from the death of this process once this returns.

        Where it cannot be kept, the process ends: the input has had its effect here, so whatever was answered from now
        on would rest on something that is gone after the next start.
        """
        try:
            self._file.execute("INSERT INTO inputs (at, kind, data) VALUES (?, ?, ?)", (at, kind, _ENCODE(data)))
        except sqlite3.Error as problem:
            _end(
                f"--state {self.path} cannot be written ({problem}), so the last call was not answered and this ends; "
                "make room and start again with the same file: what was answered is in it."
            )
        self.count += 1

    def inputs(self) -> Iterator[Input]:
        """Everything kept, oldest first."""
        try:
            for at, kind, data in self._file.execute("SELECT at, kind, data FROM inputs ORDER BY n"):
                yield Input(at, kind, _DECODE(data))
        except (sqlite3.DatabaseError, msgspec.DecodeError, TypeError) as problem:
            raise StateUnusable(_why(self.path, problem)) from None

    def close(self) -> None:
        self._file.close()


def _end(sentence: str) -> NoReturn:
    # Not an exception: between here and the process there are a server and a parser that would answer it.
    sys.stderr.write(f"cardpresent: {sentence}\n")
    sys.stderr.flush()
    os._exit(_CANNOT_GO_ON)


def _why(path: Path, problem: object) -> str:
    if isinstance(problem, sqlite3.OperationalError) and "locked" not in str(problem):
        return f"--state {path} cannot be used ({problem}): make room, or name another file."
    if "locked" in str(problem):
        return f"--state {path} is in use by another emulator; stop that one, or name another file."
    return f"--state {path} is not a state file of this emulator ({problem}); name another file."
