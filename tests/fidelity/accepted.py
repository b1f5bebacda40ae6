"""Differences that are known and accepted: read from accepted.toml, each with a reason."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.fidelity.comparing import Difference

SHIPPED = Path(__file__).with_name("accepted.toml")
_KEYS = {"operation", "path", "reason"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted difference."""

    operation: str
    path: str
    reason: str

    def covers(self, operation: str, difference: Difference) -> bool:
        place = difference.place.replace("[]", ".*")  # brackets mean something to fnmatch
        path = self.path.replace("[]", ".*")
        return fnmatchcase(operation, self.operation) and fnmatchcase(place, path)


class Accepted:
    """The entries, and how often each was met."""

    def __init__(self, file: Path = SHIPPED) -> None:
        self.entries = [_entry(one) for one in tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", [])]
        self.met: Counter[Entry] = Counter()

    def sift(self, operation: str, found: list[Difference]) -> list[Difference]:
        """What of `found` nobody has accepted."""
        return [difference for difference in found if not any(e.covers(operation, difference) for e in self.entries)]

    def count(self, operation: str, found: list[Difference]) -> None:
        for difference in found:
            self.met.update([e for e in self.entries if e.covers(operation, difference)][:1])


def _entry(given: dict[str, str]) -> Entry:
    if given.keys() != _KEYS or not all(value.strip() for value in given.values()):
        raise ValueError(f"accepted.toml: an entry has operation, path and reason, each with a text: {given}")
    return Entry(**given)
