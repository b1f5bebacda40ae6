"""The journal as it is read: an append-only list of entries with the questions checks ask of it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.model.entry import Entry, Kind
from cardpresent.model.money import Money

_LINE = msgspec.json.Decoder(Entry)
_NOBODYS: Final[list[Entry]] = []


class _Sorted:
    """Entries under a key, in their order. Each is looked at once, when it is first asked for."""

    __slots__ = ("_key", "_looked_at", "_under")

    def __init__(self, key: Callable[[Entry], Hashable]) -> None:
        self._key, self._looked_at = key, 0
        self._under: dict[Hashable, list[Entry]] = defaultdict(list)

    def under(self, key: Hashable, entries: list[Entry]) -> list[Entry]:
        """Those under `key` among `entries`, which may have grown since; the list is not the caller's to change."""
        if self._looked_at < len(entries):
            fresh = entries[self._looked_at :] if self._looked_at else entries
            for found, entry in zip(map(self._key, fresh), fresh, strict=True):
                self._under[found].append(entry)
            self._looked_at = len(entries)
        return self._under.get(key, _NOBODYS)


class Journal:
    """Entries in the order they were written. Nothing here writes; `add` takes what the gateway wrote. `after`: the
    number of the last entry that is none of this journal's, for one that begins in the middle of another.

    A load run leaves hundreds of thousands of entries and asks about each sale, so what is asked by sale, by kind or by
    request does not look through all of them.
    """

    def __init__(self, entries: Iterable[Entry] = (), after: int = 0) -> None:
        self._entries: list[Entry] = list(entries)
        self._after = after
        self._by_sale = _Sorted(attrgetter("sale"))
        self._by_kind = _Sorted(attrgetter("kind"))
        self._by_what = _Sorted(lambda control: control.data.get("what"))
        self._by_operation = _Sorted(lambda request: (request.actor, request.data["operation"]))
        self._by_request = _Sorted(lambda reply: reply.data.get("request"))

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
        return Journal(self._entries[self._count_to(n) :])

    def of_scenario(self, scenario: str) -> "Journal":
        return Journal(e for e in self._entries if e.scenario == scenario)

    def until(self, n: int) -> "Journal":
        """Entries up to and with entry `n`."""
        return Journal(self._entries[: self._count_to(n)])

    def of_sale(self, sale: str) -> list[Entry]:
        """Entries that name a sale."""
        return list(self._about(sale))

    def kind(self, kind: Kind, sale: str | None = None) -> list[Entry]:
        """Entries of one kind, of one sale where it is named."""
        if sale is None:
            return list(self._of_kind(kind))
        return [e for e in self._about(sale) if e.kind == kind]

    def scenario_of(self, sale: str) -> str | None:
        """The scenario a sale belongs to: that of its first intent."""
        return next((e.scenario for e in self._about(sale) if e.kind == "intent"), None)

    def controls(self, *what: str) -> list[Entry]:
        controls = self._of_kind("control")
        if len(what) == 1:
            return list(self._by_what.under(what[0], controls))
        return [e for e in controls if e.data.get("what") in what]

    def intents(self, sale: str, *verbs: str) -> list[Entry]:
        return [e for e in self._about(sale) if e.kind == "intent" and (not verbs or e.data["verb"] in verbs)]

    def last_ledger(self, sale: str) -> Entry | None:
        """The books of one sale as last read at Stripe."""
        return next((e for e in reversed(self._about(sale)) if e.kind == "ledger"), None)

    def last_word(self, sale: str) -> Entry | None:
        """What the till last said of one sale."""
        mine = reversed(self._about(sale))
        return next((e for e in mine if e.kind == "screen" and e.data.get("of_sale")), None)

    def till_requests(self, *operations: str) -> list[Entry]:
        requests = self._of_kind("request")
        if len(operations) == 1:
            return list(self._by_operation.under(("till", operations[0]), requests))
        return [e for e in requests if e.actor == "till" and (not operations or e.data["operation"] in operations)]

    def reply_to(self, request: Entry) -> Entry | None:
        return next(iter(self._by_request.under(request.n, self._of_kind("reply"))), None)

    def deliveries(self) -> list[Entry]:
        return self.kind("webhook")

    def _about(self, sale: str) -> list[Entry]:
        return self._by_sale.under(sale, self._entries)

    def _of_kind(self, kind: Kind) -> list[Entry]:
        return self._by_kind.under(kind, self._entries)

    def _count_to(self, n: int) -> int:
        """How many entries there are up to and with entry `n`."""
        return bisect_right(self._entries, n, key=attrgetter("n"))


def money_of(value: Any) -> Money:
    """The Money an entry holds as {"minor_units", "currency"}."""
    return Money(int(value["minor_units"]), str(value["currency"]))


def as_data(money: Money) -> dict[str, Any]:
    """The form in which an entry holds Money."""
    return {"minor_units": money.minor_units, "currency": money.currency}
