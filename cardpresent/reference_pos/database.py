"""What both tills' databases have in common: one SQLite file that a power cut leaves whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def opened(path: str | Path, schema: str, *, wait_s: float = 5.0, threads: bool = False) -> sqlite3.Connection:
    """The file with its tables. `threads`: whoever uses it from several holds a lock around it."""
    db = sqlite3.connect(path, isolation_level=None, timeout=wait_s, check_same_thread=not threads)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(schema)
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or none; a nested one joins the outer."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
