"""The till's database: one SQLite file, written before Stripe is called and read back after a crash."""

from contextlib import AbstractContextManager
from typing import Any, Final

from . import database
from .sale import Attempt, Refund, Sale

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sales (
  sale TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, register TEXT NOT NULL,
  reader TEXT NOT NULL, capture TEXT NOT NULL, eligible INTEGER, skip_tipping INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  create_key TEXT NOT NULL, create_amount INTEGER NOT NULL, intent TEXT UNIQUE, outcome TEXT NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '', card TEXT NOT NULL DEFAULT '',
  approved INTEGER NOT NULL DEFAULT 0, captured INTEGER NOT NULL DEFAULT 0, tip INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  order_amount INTEGER, order_n INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
  cancel_wanted INTEGER NOT NULL DEFAULT 0, cancel_n INTEGER NOT NULL DEFAULT 0, closed INTEGER NOT NULL DEFAULT 0,
  started REAL NOT NULL, day INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sales_by_day ON sales (day);
CREATE INDEX IF NOT EXISTS sales_open ON sales (closed, outcome);
CREATE TABLE IF NOT EXISTS live_attempts (
  sale TEXT PRIMARY KEY, reader TEXT NOT NULL UNIQUE, number INTEGER NOT NULL, sends INTEGER NOT NULL,
  phase TEXT NOT NULL, since REAL NOT NULL, deadline REAL NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (
  row INTEGER PRIMARY KEY, sale TEXT NOT NULL, operation TEXT, amount INTEGER NOT NULL, status TEXT NOT NULL,
  refund TEXT, reader TEXT, sends INTEGER NOT NULL DEFAULT 1, UNIQUE (sale, operation));
CREATE INDEX IF NOT EXISTS refunds_by_stripe_id ON refunds (refund);
CREATE TABLE IF NOT EXISTS seen_events (fact TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (row INTEGER PRIMARY KEY, sale TEXT NOT NULL, what TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_by_sale ON outbox (sale);
CREATE TABLE IF NOT EXISTS receipts (sale TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS registers (register TEXT PRIMARY KEY, reader TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (token TEXT PRIMARY KEY, role TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS carts (
  sale TEXT PRIMARY KEY, reader TEXT NOT NULL, total INTEGER NOT NULL, currency TEXT NOT NULL, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tenders (
  row INTEGER PRIMARY KEY, sale TEXT NOT NULL, cash INTEGER NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tenders_by_sale ON tenders (sale);
CREATE TABLE IF NOT EXISTS by_hand (
  row INTEGER PRIMARY KEY, sale TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS raises (
  row INTEGER PRIMARY KEY, sale TEXT NOT NULL, total INTEGER NOT NULL, status TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sale_shops (sale TEXT PRIMARY KEY, shop TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sale_terms (
  sale TEXT PRIMARY KEY, keyed INTEGER NOT NULL, look_first INTEGER NOT NULL, customer TEXT NOT NULL,
  at_stripe TEXT NOT NULL, consent TEXT NOT NULL, card TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS customers (
  customer TEXT PRIMARY KEY, at_stripe TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'none',
  card TEXT NOT NULL DEFAULT '', last4 TEXT NOT NULL DEFAULT '', consent TEXT NOT NULL DEFAULT '',
  sale TEXT NOT NULL DEFAULT '', setup TEXT NOT NULL DEFAULT '', setup_n INTEGER NOT NULL DEFAULT 0,
  reader TEXT NOT NULL DEFAULT '', deadline REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS forms (
  form TEXT PRIMARY KEY, reader TEXT NOT NULL, state TEXT NOT NULL, answers TEXT NOT NULL, deadline REAL NOT NULL);
CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY, opened REAL NOT NULL);
"""

SALE: Final = ", ".join(Sale.__slots__)
ATTEMPT: Final = ", ".join(Attempt.__slots__)
REFUND: Final = "row, sale, operation, amount, status, refund, reader, sends"

# A refund in one of these states may still move money, so its amount is not free to be refunded again.
REFUND_COUNTS: Final = "('sending', 'unknown', 'pending', 'requires_action', 'succeeded')"
REFUND_OPEN: Final = "('sending', 'unknown', 'pending', 'requires_action')"


class Store:
    """All reads and writes. Used from one thread only; no transaction is held across a call to Stripe."""

    def __init__(self, path: str, wait_s: float, now: float) -> None:
        self._db = database.opened(path, SCHEMA, wait_s=wait_s)
        self._db.execute(
            "INSERT OR IGNORE INTO days (day, opened) SELECT 1, ? WHERE NOT EXISTS (SELECT 1 FROM days)", (now,))

    def transaction(self) -> AbstractContextManager[None]:
        """All of it or none; a nested one joins the outer."""
        return database.transaction(self._db)

    def run(self, statement: str, *values: str | int | float | None) -> list[tuple[Any, ...]]:
        """One statement of a topic that keeps a table of its own."""
        return self._db.execute(statement, values).fetchall()

    # Sales

    def add_sale(self, sale: Sale) -> bool:
        """Write a new sale down. False when it is already there."""
        marks = ", ".join("?" for _ in Sale.__slots__)
        row = tuple(getattr(sale, name) for name in Sale.__slots__)
        return self._db.execute(f"INSERT OR IGNORE INTO sales ({SALE}) VALUES ({marks})", row).rowcount == 1

    def find_sale(self, sale: str) -> Sale | None:
        return self._one_sale("WHERE sale = ?", sale)

    def sale(self, sale: str) -> Sale:
        """Raises LookupError when there is no such sale."""
        found = self.find_sale(sale)
        if found is None:
            raise LookupError(f"no sale {sale}")
        return found

    def sale_of_intent(self, intent: str) -> Sale | None:
        return self._one_sale("WHERE intent = ?", intent)

    def _one_sale(self, where: str, *values: str) -> Sale | None:
        rows = self._sales(where, *values)
        return rows[0] if rows else None

    def _sales(self, where: str, *values: str | int | float) -> list[Sale]:
        rows = self._db.execute(f"SELECT {SALE} FROM sales {where}", values).fetchall()
        return [_sale(row) for row in rows]

    def sales_of_day(self, day: int) -> list[Sale]:
        return self._sales("WHERE day = ? OR (closed = 0 AND outcome != 'paid') ORDER BY started", day)

    def unsettled(self) -> list[Sale]:
        """Every sale whose money is not finally decided, those that may still be paid by a late tap included."""
        return self._sales("WHERE closed = 0 AND outcome != 'paid' ORDER BY started")

    def update(self, sale: str, **fields: str | int | float | None) -> Sale:
        """Write some fields of a sale; the names come from this program only."""
        sets = ", ".join(f"{name} = ?" for name in fields)
        self._db.execute(f"UPDATE sales SET {sets} WHERE sale = ?", (*fields.values(), sale))
        return self.sale(sale)

    # Attempts: the guard that lets one payment of a sale, and one sale of a reader, be under way

    def claim_attempt(self, sale: str, reader: str, now: float, deadline: float) -> bool:
        """Take the sale and its reader, in one statement that two callers cannot both win."""
        with self.transaction():
            taken = self._db.execute(
                "INSERT OR IGNORE INTO live_attempts (sale, reader, number, sends, phase, since, deadline) "
                "SELECT sale, ?, attempt + 1, 0, 'sending', ?, ? FROM sales WHERE sale = ?",
                (reader, now, deadline, sale))
            if taken.rowcount == 1:
                self._db.execute("UPDATE sales SET attempt = attempt + 1 WHERE sale = ?", (sale,))
        return taken.rowcount == 1

    def attempt(self, sale: str) -> Attempt | None:
        row = self._db.execute(f"SELECT {ATTEMPT} FROM live_attempts WHERE sale = ?", (sale,)).fetchone()
        return Attempt(*row) if row else None

    def attempt_on(self, reader: str) -> Attempt | None:
        row = self._db.execute(f"SELECT {ATTEMPT} FROM live_attempts WHERE reader = ?", (reader,)).fetchone()
        return Attempt(*row) if row else None

    def update_attempt(self, sale: str, phase: str, sends: int, since: float) -> None:
        self._db.execute(
            "UPDATE live_attempts SET phase = ?, sends = ?, since = ? WHERE sale = ?", (phase, sends, since, sale))

    def doubt_attempts(self, sale: str = "%") -> None:
        """After a crash nobody knows whether a command that was on its way arrived. One sale's, or all."""
        self._db.execute("UPDATE live_attempts SET phase = 'unsure' WHERE phase = 'sending' AND (sale = ? OR ? = '%')",
                         (sale, sale))

    def release_attempt(self, sale: str) -> None:
        self._db.execute("DELETE FROM live_attempts WHERE sale = ?", (sale,))

    # Refunds

    def add_refund(self, sale: str, operation: str | None, amount: int, status: str, refund: str | None) -> None:
        self._db.execute(
            "INSERT INTO refunds (sale, operation, amount, status, refund) VALUES (?, ?, ?, ?, ?)",
            (sale, operation, amount, status, refund))

    def refunds(self, sale: str) -> list[Refund]:
        return self._refunds("WHERE sale = ? ORDER BY row", sale)

    def open_refunds(self) -> list[Refund]:
        return self._refunds(f"WHERE status IN {REFUND_OPEN} ORDER BY row")

    def refund_by_operation(self, sale: str, operation: str) -> Refund | None:
        rows = self._refunds("WHERE sale = ? AND operation = ?", sale, operation)
        return rows[0] if rows else None

    def refund_by_stripe_id(self, refund: str) -> Refund | None:
        rows = self._refunds("WHERE refund = ?", refund)
        return rows[0] if rows else None

    def _refunds(self, where: str, *values: str) -> list[Refund]:
        return [Refund(*row) for row in self._db.execute(f"SELECT {REFUND} FROM refunds {where}", values).fetchall()]

    def update_refund(self, row: int, **fields: str | int | None) -> None:
        sets = ", ".join(f"{name} = ?" for name in fields)
        self._db.execute(f"UPDATE refunds SET {sets} WHERE row = ?", (*fields.values(), row))

    def refunded(self, sale: str) -> int:
        """What the customer has back: refunds that Stripe says succeeded."""
        return self._sum("SELECT SUM(amount) FROM refunds WHERE sale = ? AND status = 'succeeded'", sale)

    def refunds_claimed(self, sale: str) -> int:
        """What is no longer free to be refunded: done, pending and not known."""
        return self._sum(f"SELECT SUM(amount) FROM refunds WHERE sale = ? AND status IN {REFUND_COUNTS}", sale)

    def _sum(self, query: str, sale: str) -> int:
        return int(self._db.execute(query, (sale,)).fetchone()[0] or 0)

    # Facts already taken, and what they set off

    def first_time(self, fact: str, now: float) -> bool:
        """Insert first: true for one caller only, in the same transaction as the effect."""
        taken = self._db.execute("INSERT OR IGNORE INTO seen_events (fact, at) VALUES (?, ?)", (fact, now))
        return taken.rowcount == 1

    def queue(self, sale: str, what: str, now: float) -> None:
        """Something to be done once outside the till, such as a receipt to print."""
        self._db.execute("INSERT INTO outbox (sale, what, at) VALUES (?, ?, ?)", (sale, what, now))

    def queued(self, sale: str, what: str) -> int:
        count = self._db.execute("SELECT COUNT(*) FROM outbox WHERE sale = ? AND what = ?", (sale, what)).fetchone()
        return int(count[0])

    # Receipts, registers, sessions, days

    def keep_receipt(self, sale: str, body: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO receipts (sale, body) VALUES (?, ?)", (sale, body))

    def receipt(self, sale: str) -> str | None:
        row = self._db.execute("SELECT body FROM receipts WHERE sale = ?", (sale,)).fetchone()
        return str(row[0]) if row else None

    def bind_register(self, register: str, reader: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO registers (register, reader) VALUES (?, ?)", (register, reader))

    def bound_reader(self, register: str) -> str | None:
        row = self._db.execute("SELECT reader FROM registers WHERE register = ?", (register,)).fetchone()
        return str(row[0]) if row else None

    def registers(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT register, reader FROM registers ORDER BY register").fetchall())

    def add_session(self, token: str, role: str) -> None:
        self._db.execute("INSERT INTO sessions (token, role) VALUES (?, ?)", (token, role))

    def session(self, token: str) -> str | None:
        row = self._db.execute("SELECT role FROM sessions WHERE token = ?", (token,)).fetchone()
        return str(row[0]) if row else None

    def day(self) -> tuple[int, float]:
        """The open day's number and the second it was opened."""
        row = self._db.execute("SELECT day, opened FROM days ORDER BY day DESC LIMIT 1").fetchone()
        return int(row[0]), float(row[1])

    def open_next_day(self, now: float) -> None:
        self._db.execute("INSERT INTO days (day, opened) SELECT MAX(day) + 1, ? FROM days", (now,))

    def close(self) -> None:
        self._db.close()


def _sale(row: tuple[object, ...]) -> Sale:
    values = dict(zip(Sale.__slots__, row, strict=True))
    for name in ("skip_tipping", "cancel_wanted", "closed"):
        values[name] = bool(values[name])
    return Sale(**values)  # type: ignore[arg-type]
