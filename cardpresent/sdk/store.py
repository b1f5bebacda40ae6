"""What lies on the device's disk: stored payments, and where readers were used online. SQLite in the app's folder.

Whoever deletes the folder deletes the payments in it: nobody else has them.
"""

import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS payments (
    n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, account TEXT NOT NULL, intent TEXT,
    amount INTEGER NOT NULL, tip INTEGER, currency TEXT NOT NULL, stored_at INTEGER NOT NULL, read TEXT NOT NULL,
    params TEXT NOT NULL, card TEXT NOT NULL, answer TEXT
);
CREATE TABLE IF NOT EXISTS used_online (
    device_type TEXT NOT NULL, location TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, offline_enabled INTEGER NOT NULL, PRIMARY KEY (device_type, location, account)
);
"""
_COLUMNS: Final = "key, account, intent, amount, tip, currency, stored_at, read, params, card, answer"
STORED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """One payment that Stripe has not acknowledged yet.

    `key`: the idempotency key it is forwarded under, always the same. `intent`: its id where it was made online.
    `params`: of the PaymentIntent to be made. `answer`: what Stripe said, kept until the listener was told.
    """

    key: str
    account: str
    intent: str | None
    amount: int
    tip: int | None
    currency: str
    stored_at: int
    read: str
    params: dict[str, Any]
    card: dict[str, Any]
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UsedOnline:
    """When a kind of reader was last used online at a location. Times in Unix seconds."""

    device_type: str
    location: str
    account: str
    at: int
    updated_at: int
    offline_enabled: bool


class Store:
    """Thread-safe; several processes may open it, and one at a time forwards."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._db = sqlite3.connect(folder / "terminal.db", check_same_thread=False, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # --------------------------------------------------------------------------------------------------------- payments

    def add(self, payment: StoredPayment) -> None:
        values = (
            payment.key, payment.account, payment.intent, payment.amount, payment.tip, payment.currency,
            payment.stored_at, payment.read, json.dumps(payment.params), json.dumps(payment.card), None,
        )
        self._write(f"INSERT INTO payments ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", *values)

    def payments(self) -> list[StoredPayment]:
        """All that is stored, oldest first."""
        with self._lock:
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM payments ORDER BY n").fetchall()
        return [
            StoredPayment(
                key, account, intent, amount, tip, currency, stored_at, read, json.loads(params), json.loads(card),
                json.loads(answer) if answer else None,
            )
            for key, account, intent, amount, tip, currency, stored_at, read, params, card, answer in rows
        ]

    def acknowledge(self, key: str, answer: dict[str, Any]) -> None:
        self._write("UPDATE payments SET answer = ? WHERE key = ?", json.dumps(answer), key)

    def remove(self, key: str) -> None:
        self._write("DELETE FROM payments WHERE key = ?", key)

    @contextmanager
    def forwarding(self) -> Iterator[bool]:
        """Holds the right to forward; False where another process has it. A process that dies lets it go."""
        with (self._folder / "forwarding.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    # ---------------------------------------------------------------------------------------------------------- readers

    def used(self, how: UsedOnline) -> None:
        values = (how.device_type, how.location, how.account, how.at, how.updated_at, int(how.offline_enabled))
        self._write("INSERT OR REPLACE INTO used_online VALUES (?,?,?,?,?,?)", *values)

    def uses(self) -> list[UsedOnline]:
        """Where readers were used online, the latest first."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM used_online ORDER BY at DESC, rowid DESC").fetchall()
        return [
            UsedOnline(kind, location, account, at, updated_at, bool(enabled))
            for kind, location, account, at, updated_at, enabled in rows
        ]

    def _write(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._db.execute(statement, values)
