"""What of a load run's journal its verdict rests on.

Read once and line by line: the whole of a long run would fill the memory.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry

KEPT: Final = frozenset({"intent", "screen", "ledger"})


class _Head(msgspec.Struct):
    n: int
    kind: str
    actor: str
    sale: str | None = None


class _Call(msgspec.Struct):
    object: str | None = None


class _Request(msgspec.Struct):
    data: _Call


class _Answer(msgspec.Struct):
    request: int | None = None
    body: Any = None


class _Reply(msgspec.Struct):
    data: _Answer


_HEAD: Final = msgspec.json.Decoder(_Head)
_ENTRY: Final = msgspec.json.Decoder(Entry)
_REQUEST: Final = msgspec.json.Decoder(_Request)
_REPLY: Final = msgspec.json.Decoder(_Reply)


@dataclass(slots=True)
class DayBook:
    """Each sale's own entries; the faults that its calls met; how many calls the till made; and of the books as they
    were closed, what is no sale's (`closing`)."""

    first_n: int = 0
    last_n: int = 0
    calls: int = 0
    sales: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    controls: list[Entry] = field(default_factory=list)
    closing: list[Entry] = field(default_factory=list)
    _objects: dict[int, str] = field(default_factory=dict)
    _fired: dict[int, Entry] = field(default_factory=dict)

    def take(self, lines: Iterable[bytes]) -> None:
        """Read on: lines of the journal, in order."""
        for line in lines:
            head = _HEAD.decode(line)
            self.last_n = head.n
            if head.kind == "request" and head.actor == "till":
                self.calls += 1
                about = _REQUEST.decode(line).data.object
                if about is not None:
                    self._objects[head.n] = about
            elif head.kind == "reply":
                self._take_reply(line)
            elif head.sale is not None and (head.kind in KEPT or head.kind == "control"):
                self.sales[head.sale].append(_ENTRY.decode(line))
            elif head.kind == "ledger":
                self.closing.append(_ENTRY.decode(line))
            elif head.kind == "control":
                self._take_control(_ENTRY.decode(line))

    def _take_reply(self, line: bytes) -> None:
        """What a faulted call made is known from Stripe's answer, whether or not the till got it."""
        if not self._fired:
            return
        reply = _REPLY.decode(line).data
        if reply.request in self._fired and isinstance(reply.body, dict):
            made = reply.body.get("id")
            if isinstance(made, str):
                self._objects.setdefault(reply.request, made)

    def _take_control(self, entry: Entry) -> None:
        if entry.data.get("what") == "fault_fired":
            request = entry.data.get("request")
            if isinstance(request, int):
                self._fired[request] = entry
        else:
            self.controls.append(entry)

    def met(self) -> Mapping[str, list[Entry]]:
        """The faults that calls about an object met, by the object's id."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for request, fault in self._fired.items():
            if request in self._objects:
                found[self._objects[request]].append(fault)
        return found

    def of_sale(self, sale: str, intents: Iterable[str], met: Mapping[str, list[Entry]]) -> Journal:
        """All that concerns one sale: its own entries, and the faults that calls about its payments met."""
        faults = {entry.n: entry for pi in intents for entry in met.get(pi, ())}
        return Journal(sorted((*self.sales[sale], *faults.values()), key=lambda entry: entry.n))
