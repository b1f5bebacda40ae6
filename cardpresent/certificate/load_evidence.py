"""The few lines of a long journal that a failure card needs, without ever holding the journal.

Hours of load make gigabytes of it. So the file is searched as it lies on the disk: for the sales' own entries, then for
the calls that name what those sales made at Stripe, then near each of these for the other half of the call.
"""

import json
import mmap
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry

# More of one sale would not be shown anyway: a till that asks its reader for minutes.
A_SALE: Final = 600
# A sale called "7" is in every line.
A_NAME: Final = 4
# How far from its request a reply is looked for, in bytes: thousands of other calls.
NEAR: Final = 4 * 1024 * 1024
BLOCK: Final = 1024 * 1024
MADE: Final = ("payment_intents", "charges", "refunds")
ID_LETTERS: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_ENTRY: Final = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`journal`: what was looked for, each call marked with its sale. `entries`: all lines. `whole`: none cut off."""

    journal: Journal
    entries: int
    whole: bool


def gather(path: Path, sales: Collection[str], numbers: Collection[int]) -> Evidence:
    """What the file holds about these sales, and the entries of these numbers. No file is an empty one, not whole."""
    try:
        with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as text:
            search = _Search(text, frozenset(sales), frozenset(numbers))
            search.own()
            search.calls()
            search.other_halves()
            whole = text[-1:] == b"\n" and _decoded(text[text.rfind(b"\n", 0, len(text) - 1) + 1 :]) is not None
            return Evidence(Journal(search.found[n] for n in sorted(search.found)), _count(text), whole)
    except (OSError, ValueError):
        # An empty file cannot be mapped, either.
        return Evidence(Journal(), 0, False)


@dataclass
class _Search:
    text: mmap.mmap
    sales: frozenset[str]
    numbers: frozenset[int]
    found: dict[int, Entry] = field(default_factory=dict)
    # Where each of them begins in the file.
    places: dict[int, int] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    # What a sale made at Stripe, and whose it is.
    owners: dict[bytes, str] = field(default_factory=dict)

    def own(self) -> None:
        """The sales' own entries, and those asked for by number."""
        words = [_quoted(sale) for sale in self.sales] + [self._key("n", n) for n in sorted(self.numbers)]
        for place, entry in self._entries({place for word in words for place in self._places(word)}):
            if entry.sale in self.sales or entry.n in self.numbers:
                self._keep(place, entry, entry.sale)

    def calls(self) -> None:
        """The calls and deliveries that are about one of the sales and about no other."""
        names = {**self.owners, **{_quoted(sale): sale for sale in self.sales if len(sale) >= A_NAME}}
        about: dict[int, set[str]] = {}
        for word, sale in names.items():
            for place in self._places(word):
                about.setdefault(place, set()).add(sale)
        for place, entry in self._entries({place for place, named in about.items() if len(named) == 1}):
            if entry.sale is None and entry.n not in self.found:
                self._keep(place, entry, next(iter(about[place])))

    def other_halves(self) -> None:
        """The request of each reply, and the reply to each request: not far from one another."""
        for n, entry in sorted(self.found.items()):
            asked = entry.data.get("request")
            at = self.places[n]
            if entry.sale is None:
                continue
            if entry.kind == "request":
                there = next(self._places(self._key("request", n), at, at + NEAR), None)
            elif entry.kind == "reply" and isinstance(asked, int) and asked not in self.found:
                there = next(self._places(self._key("n", asked), max(0, at - NEAR), at), None)
            else:
                continue
            for place, half in self._entries([there] if there is not None else []):
                is_half = half.n == asked if entry.kind == "reply" else half.data.get("request") == n
                if is_half and half.sale is None and half.n not in self.found:
                    self._keep(place, half, entry.sale)

    def _key(self, name: str, number: int) -> bytes:
        """A key and its number as this file writes them: closely, or with a space."""
        space = " " if self.text[:6] == b'{"n": ' else ""
        # The number of an entry is the first thing in its line.
        return f'{"{" if name == "n" else ""}"{name}":{space}{number}'.encode()

    def _places(self, word: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
        """Where each line begins that holds the word, and not a longer one that begins like it."""
        end = len(self.text) if end is None else min(end, len(self.text))
        at = self.text.find(word, start, end)
        while at >= 0:
            after = self.text[at + len(word) : at + len(word) + 1]
            line_ends = self.text.find(b"\n", at)
            if not (after and after[0] in ID_LETTERS and word[-1] in ID_LETTERS):
                yield self.text.rfind(b"\n", 0, at) + 1
                if line_ends < 0:
                    return
                at = line_ends
            at = self.text.find(word, at + 1, end)

    def _entries(self, places: Collection[int]) -> Iterator[tuple[int, Entry]]:
        for place in sorted(places):
            ends = self.text.find(b"\n", place)
            entry = _decoded(self.text[place : ends if ends >= 0 else len(self.text)])
            if entry is not None:
                yield place, entry

    def _keep(self, place: int, entry: Entry, sale: str | None) -> None:
        if sale is not None:
            self.kept[sale] += 1
            if self.kept[sale] > A_SALE and entry.n not in self.numbers and entry.kind != "ledger":
                return
        self.found[entry.n] = msgspec.structs.replace(entry, sale=sale)
        self.places[entry.n] = place
        if entry.kind == "ledger" and sale in self.sales:
            for made in _ids(entry.data):
                self.owners.setdefault(made.encode(errors="surrogatepass"), sale)


def _count(text: mmap.mmap) -> int:
    """Entries, one a line; half a last one counts, too."""
    lines = sum(text[at : at + BLOCK].count(b"\n") for at in range(0, len(text), BLOCK))
    return lines + (text[-1:] != b"\n")


def _quoted(name: str) -> bytes:
    """A name as JSON holds it: as a part of some other text it says nothing."""
    return json.dumps(name, ensure_ascii=False).encode(errors="surrogatepass")


def _decoded(line: bytes) -> Entry | None:
    try:
        return _ENTRY.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _ids(data: Mapping[str, Any]) -> Iterator[str]:
    for kind in MADE:
        for each in data.get(kind) or ():
            if isinstance(each, Mapping) and isinstance(each.get("id"), str):
                yield each["id"]
