"""The app's database: its sales, and a journal of its own of everything that was taken without a network.

The SDK keeps stored payments, too. Its store can be lost with the app's cache, and it forgets what it has sent; this
journal is how the app knows that as many come out as went in.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cardpresent.reference_pos import database

Outcome = Literal["waiting", "stored", "held", "paid", "not_paid", "not_known", "payment_lost"]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sales (
  sale TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, register TEXT NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, intent TEXT, captured INTEGER NOT NULL DEFAULT 0,
  started REAL NOT NULL);
CREATE TABLE IF NOT EXISTS stored (
  sale TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL,
  owner TEXT);
CREATE TABLE IF NOT EXISTS registers (register TEXT PRIMARY KEY, reader TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# confirming: handed to the SDK, and nobody knows yet which way it goes; stored: on this device alone; forwarded: at
# Stripe, not collected yet; lost: the bank said no after the customer had left; paid: collected.
State = Literal["confirming", "stored", "forwarded", "lost", "paid"]
WAITING: Final = "('confirming', 'stored')"


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale. Amounts in minor units."""

    sale: str
    amount: int
    currency: str
    register: str
    outcome: Outcome
    reason: str
    intent: str | None
    captured: int
    started: float


@dataclass(frozen=True, slots=True)
class Stored:
    """One line of the journal of stored payments. `owner`: who has to see to a lost one."""

    sale: str
    amount: int
    currency: str
    state: State
    since: float
    owner: str | None


SALE: Final = ", ".join(Sale.__slots__)
STORED: Final = ", ".join(Stored.__slots__)


class Records:
    """All reads and writes, from any thread, one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = database.opened(path, SCHEMA, threads=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or none; a nested one joins the outer."""
        with self._lock, database.transaction(self._db):
            yield

    def _rows(self, query: str, *values: str | int | float | None) -> list[tuple[object, ...]]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    # Sales

    def add_sale(self, sale: Sale) -> bool:
        """Write a new sale down. False when it is already there."""
        marks = ", ".join("?" for _ in Sale.__slots__)
        row = tuple(getattr(sale, name) for name in Sale.__slots__)
        with self._lock:
            return self._db.execute(f"INSERT OR IGNORE INTO sales ({SALE}) VALUES ({marks})", row).rowcount == 1

    def find_sale(self, sale: str) -> Sale | None:
        rows = self._rows(f"SELECT {SALE} FROM sales WHERE sale = ?", sale)
        return Sale(*rows[0]) if rows else None  # type: ignore[arg-type]

    def sale(self, sale: str) -> Sale:
        """Raises LookupError when there is no such sale."""
        found = self.find_sale(sale)
        if found is None:
            raise LookupError(f"no sale {sale}")
        return found

    def sales(self, *outcomes: Outcome) -> list[Sale]:
        """Sales that stand so, oldest first."""
        marks = ", ".join("?" for _ in outcomes)
        rows = self._rows(f"SELECT {SALE} FROM sales WHERE outcome IN ({marks}) ORDER BY started", *outcomes)
        return [Sale(*row) for row in rows]  # type: ignore[arg-type]

    def update(self, sale: str, **fields: str | int | float | None) -> Sale:
        """Write some fields of a sale; the names come from this program only."""
        sets = ", ".join(f"{name} = ?" for name in fields)
        self._rows(f"UPDATE sales SET {sets} WHERE sale = ?", *fields.values(), sale)
        return self.sale(sale)

    # The journal of stored payments

    def expect_stored(self, sale: Sale, now: float) -> None:
        """Before the SDK is asked to confirm: whatever happens next, this payment may be on the device."""
        self._rows(f"INSERT OR REPLACE INTO stored ({STORED}) VALUES (?, ?, ?, 'confirming', ?, NULL)",
                   sale.sale, sale.amount, sale.currency, now)

    def move_stored(self, sale: str, state: State, owner: str | None = None) -> None:
        self._rows("UPDATE stored SET state = ?, owner = ? WHERE sale = ?", state, owner, sale)

    def not_stored(self, sale: str) -> None:
        """It went to Stripe at once, or not at all."""
        self._rows("DELETE FROM stored WHERE sale = ?", sale)

    def stored(self, sale: str) -> Stored | None:
        rows = self._rows(f"SELECT {STORED} FROM stored WHERE sale = ?", sale)
        return Stored(*rows[0]) if rows else None  # type: ignore[arg-type]

    def all_stored(self, *states: State) -> list[Stored]:
        marks = ", ".join("?" for _ in states)
        rows = self._rows(f"SELECT {STORED} FROM stored WHERE state IN ({marks}) ORDER BY since", *states)
        return [Stored(*row) for row in rows]  # type: ignore[arg-type]

    def waiting_sum(self, currency: str) -> int:
        """What no bank has seen yet, in minor units."""
        rows = self._rows(f"SELECT SUM(amount) FROM stored WHERE state IN {WAITING} AND currency = ?", currency)
        return int(str(rows[0][0] or 0))

    # Readers, and small things

    def bind_register(self, register: str, reader: str) -> None:
        self._rows("INSERT OR REPLACE INTO registers (register, reader) VALUES (?, ?)", register, reader)

    def bound_reader(self) -> str | None:
        rows = self._rows("SELECT reader FROM registers ORDER BY rowid DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def keep(self, name: str, value: str) -> None:
        self._rows("INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", name, value)

    def kept(self, name: str) -> str | None:
        rows = self._rows("SELECT value FROM kept WHERE name = ?", name)
        return str(rows[0][0]) if rows else None
