"""Which id of the emulator stands for which of Stripe's, within one test."""

import re
from collections.abc import Iterator
from typing import Any

_WORD = re.compile(r"[A-Za-z]+(?:_[A-Za-z0-9]+)+")
ID = re.compile(r"([a-z]{2,12})(?:_test)?_(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{8,}")
_SECRET = re.compile(r"([a-z]{2,12})_[A-Za-z0-9]+_secret_[A-Za-z0-9]+")
# An account is in every answer, so that its id says nothing about whose an object is.
_EVERYWHERE = frozenset({"acct"})


def prefix(text: str) -> str | None:
    """`pi` of an id or client secret of a PaymentIntent; None for any other text."""
    found = _SECRET.fullmatch(text) or ID.fullmatch(text)
    return found[1] if found else None


class Pairs:
    """Learned while paired answers are walked, used while requests are translated."""

    def __init__(self) -> None:
        self._theirs: dict[str, str] = {}
        self._ours: dict[str, str] = {}
        self._issued: set[str] = set()

    def learn(self, ours: str, theirs: str) -> bool:
        """Whether the two can stand for the same object: neither is taken by another, and both are of one kind."""
        if ours in self._theirs or theirs in self._ours:
            return self._theirs.get(ours) == theirs
        if prefix(ours) != prefix(theirs):
            return False
        self._theirs[ours], self._ours[theirs] = theirs, ours
        return True

    def issued(self, answer: Any) -> None:
        """The emulator has told the test about every id in this answer."""
        self._issued.update(text for text in strings(answer) if prefix(text))

    def to_stripe(self, text: str) -> str:
        """`text` with every known id of the emulator replaced: a path, a query, a form, a body."""
        return _WORD.sub(lambda word: self._theirs.get(word[0], word[0]), text)

    def strangers(self, text: str) -> list[str]:
        """Ids in `text` that the emulator gave out and Stripe never matched."""
        return [word for word in _WORD.findall(text) if word in self._issued and word not in self._theirs]

    def theirs(self, ours: str) -> str | None:
        return self._theirs.get(ours)

    def has_met(self, theirs: str) -> bool:
        return theirs in self._ours

    def is_of_this_test(self, row: Any) -> bool:
        """Whether this object of Stripe's is one the test made, or speaks of one."""
        return any(text in self._ours and prefix(text) not in _EVERYWHERE for text in strings(row))


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
