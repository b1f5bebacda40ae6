"""The journal as it is read: an append-only list of entries with the questions checks ask of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from cardpresent.model.entry import Entry, Kind
from cardpresent.model.money import Money

_LINE = msgspec.json.Decoder(Entry)


class Journal:
    """Entries in the order they were written. Nothing here writes; `add` takes what the gateway wrote. `after`: the
    number of the last entry that is none of this journal's, for one that begins in the middle of another."""

    def __init__(self, entries: Iterable[Entry] = (), after: int = 0) -> None:
        self._entries: list[Entry] = list(entries)
        self._after = after

    @classmethod
    def load(cls, path: Path) -> "Journal":
        """A saved run's journal.jsonl."""
        with path.open("rb") as lines:
            return cls(_LINE.decode(line) for line in lines if line.strip())

    def add(self, entries: Iterable[Entry]) -> None:
        self._entries.extend(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def first_n(self) -> int:
        return self._entries[0].n if self._entries else 1

    @property
    def last_n(self) -> int:
        return self._entries[-1].n if self._entries else self._after

    def since(self, n: int) -> "Journal":
        """Entries written after entry `n`."""
        low, high = 0, len(self._entries)
        while low < high:
            middle = (low + high) // 2
            if self._entries[middle].n > n:
                high = middle
            else:
                low = middle + 1
        return Journal(self._entries[low:])

    def of_scenario(self, scenario: str) -> "Journal":
        return Journal(e for e in self._entries if e.scenario == scenario)

    def until(self, n: int) -> "Journal":
        """Entries up to and with entry `n`."""
        return Journal(e for e in self._entries if e.n <= n)

    def kind(self, kind: Kind, sale: str | None = None) -> list[Entry]:
        """Entries of one kind, of one sale where it is named."""
        return [e for e in self._entries if e.kind == kind and (sale is None or e.sale == sale)]

    def scenario_of(self, sale: str) -> str | None:
        """The scenario a sale belongs to: that of its first intent."""
        return next((e.scenario for e in self._entries if e.kind == "intent" and e.sale == sale), None)

    def controls(self, *what: str) -> list[Entry]:
        return [e for e in self._entries if e.kind == "control" and e.data.get("what") in what]

    def intents(self, sale: str, *verbs: str) -> list[Entry]:
        return [e for e in self.kind("intent", sale) if not verbs or e.data["verb"] in verbs]

    def last_ledger(self, sale: str) -> Entry | None:
        """The books of one sale as last read at Stripe."""
        return next((e for e in reversed(self._entries) if e.kind == "ledger" and e.sale == sale), None)

    def last_word(self, sale: str) -> Entry | None:
        """What the till last said of one sale."""
        return next(
            (e for e in reversed(self._entries) if e.kind == "screen" and e.sale == sale and e.data.get("of_sale")),
            None,
        )

    def till_requests(self, *operations: str) -> list[Entry]:
        return [
            e
            for e in self._entries
            if e.kind == "request" and e.actor == "till" and (not operations or e.data["operation"] in operations)
        ]

    def reply_to(self, request: Entry) -> Entry | None:
        return next((e for e in self._entries if e.kind == "reply" and e.data.get("request") == request.n), None)

    def deliveries(self) -> list[Entry]:
        return self.kind("webhook")


def money_of(value: Any) -> Money:
    """The Money an entry holds as {"minor_units", "currency"}."""
    return Money(int(value["minor_units"]), str(value["currency"]))


def as_data(money: Money) -> dict[str, Any]:
    """The form in which an entry holds Money."""
    return {"minor_units": money.minor_units, "currency": money.currency}
