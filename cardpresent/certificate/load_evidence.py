"""The few lines of a long journal that a failure card needs, without ever holding the journal.

Hours of load make gigabytes of it. So it is read line by line, three times at most: for the sales' own entries, for the
calls that name what those sales made at Stripe, and for the other half of each such call.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
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
NUMBER: Final = re.compile(rb'^\s*\{\s*"n":\s*(\d+)')
ANSWERED: Final = re.compile(rb'"request":\s*(\d+)')
MADE: Final = ("payment_intents", "charges", "refunds")
_ENTRY: Final = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class Evidence:
    """`journal`: what was looked for, each call marked with its sale. `entries`: all lines. `whole`: none cut off."""

    journal: Journal
    entries: int
    whole: bool


def gather(path: Path, sales: Collection[str], numbers: Collection[int]) -> Evidence:
    """What the file holds about these sales, and the entries of these numbers. No file is an empty one, not whole."""
    search = _Search(path, frozenset(sales), frozenset(numbers))
    entries, whole = search.own()
    if search.found:
        search.calls()
        search.other_halves()
    return Evidence(Journal(search.found[n] for n in sorted(search.found)), entries, whole)


@dataclass
class _Search:
    path: Path
    sales: frozenset[str]
    numbers: frozenset[int]
    found: dict[int, Entry] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    # What a sale made at Stripe, and whose it is.
    owners: dict[str, str] = field(default_factory=dict)

    def own(self) -> tuple[int, bool]:
        """The sales' own entries and those asked for by number; how many lines there are, and if the last is whole."""
        named = _any_of(map(_quoted, self.sales))
        count, last = 0, b""
        for line in _lines(self.path):
            count, last = count + 1, line
            if not ((named and named.search(line)) or (self.numbers and _number(line) in self.numbers)):
                continue
            entry = _decoded(line)
            if entry is not None and (entry.sale in self.sales or entry.n in self.numbers):
                self._keep(entry, entry.sale)
        return count, bool(last) and last.endswith(b"\n") and _decoded(last) is not None

    def calls(self) -> None:
        """The calls and deliveries that are about one of the sales and about no other."""
        names = {**self.owners, **{_quoted(sale): sale for sale in self.sales if len(sale) >= A_NAME}}
        named = _any_of(names)
        for line in _lines(self.path):
            if (
                named is None
                or not (seen := {names[word.decode(errors="surrogatepass")] for word in named.findall(line)})
                or len(seen) > 1
            ):
                continue
            entry = _decoded(line)
            if entry is not None and entry.sale is None and entry.n not in self.found:
                self._keep(entry, seen.pop())

    def other_halves(self) -> None:
        """The request of each reply, and the reply to each request."""
        asked = {e.n: e.sale for e in self.found.values() if e.kind == "request"}
        wanted = {
            int(e.data["request"]): e.sale
            for e in self.found.values()
            if e.kind == "reply" and isinstance(e.data.get("request"), int)
        }
        for line in _lines(self.path):
            answered = ANSWERED.search(line)
            sale = wanted.get(_number(line)) or (asked.get(int(answered[1])) if answered else None)
            if sale is None or _number(line) in self.found:
                continue
            entry = _decoded(line)
            is_half = entry is not None and (entry.n in wanted or entry.data.get("request") in asked)
            if entry is not None and is_half and entry.sale is None:
                self._keep(entry, sale)

    def _keep(self, entry: Entry, sale: str | None) -> None:
        if sale is not None:
            self.kept[sale] += 1
            if self.kept[sale] > A_SALE and entry.n not in self.numbers and entry.kind != "ledger":
                return
        self.found[entry.n] = msgspec.structs.replace(entry, sale=sale)
        if entry.kind == "ledger" and sale in self.sales:
            for made in _ids(entry.data):
                self.owners.setdefault(made, sale)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as lines:
            yield from (line for line in lines if line.strip())
    except OSError:
        return


def _any_of(words: Iterable[str]) -> re.Pattern[bytes] | None:
    """Each as a whole, so that no id is taken for another that begins with it."""
    told = [re.escape(word.encode(errors="surrogatepass")) for word in words if word]
    return re.compile(b"(?:" + b"|".join(told) + rb")(?![A-Za-z0-9_])") if told else None


def _quoted(name: str) -> str:
    """A name as JSON holds it: as a part of some other text it says nothing."""
    return json.dumps(name, ensure_ascii=False)


def _number(line: bytes) -> int:
    match = NUMBER.match(line)
    return int(match[1]) if match else -1


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
