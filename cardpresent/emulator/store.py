"""Objects by id, in the order they were made, with the indexes lists are filtered by.

Nothing here looks through all objects: a page is cut out of an array of positions by bisection, and the arrays hold
numbers, so that the garbage collector has nothing to walk.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
_EMPTY: Final = array("q")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a list is asked for. Bounds are Unix seconds, inclusive."""

    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created_from: int | None = None
    created_to: int | None = None


class Table(Generic[T]):
    """All objects of one kind in one account."""

    __slots__ = ("_created", "_indexes", "_position", "_rows")

    def __init__(self) -> None:
        self._rows: list[T | None] = []
        self._position: dict[str, int] = {}
        self._created = array("q")
        self._indexes: dict[tuple[str, str], array[int]] = {}

    def __contains__(self, id: object) -> bool:
        return id in self._position

    def __len__(self) -> int:
        return len(self._position)

    def add(self, id: str, row: T, created: int, **keys: str | None) -> T:
        """Keeps `row`, findable by id and by each of `keys` that is not None."""
        position = len(self._rows)
        self._rows.append(row)
        self._position[id] = position
        # lists are cut by bisection, so creation times never step back even if a wall clock does
        self._created.append(max(created, self._created[-1]) if position else created)
        for name, value in keys.items():
            if value is not None:
                index = self._indexes.get((name, value))
                if index is None:
                    index = self._indexes[name, value] = array("q")
                index.append(position)
        return row

    def also(self, id: str, **keys: str) -> None:
        """Makes an object findable by further keys. It stays findable by earlier ones: check its present value."""
        position = self._position[id]
        for entry in keys.items():
            positions = self._indexes.setdefault(entry, array("q"))
            place = bisect_left(positions, position)
            if place == len(positions) or positions[place] != position:
                positions.insert(place, position)

    def get(self, id: str) -> T | None:
        position = self._position.get(id)
        return None if position is None else self._rows[position]

    def remove(self, id: str) -> None:
        self._rows[self._position.pop(id)] = None

    def by(self, **key: str) -> list[T]:
        """All objects with this key, oldest first."""
        ((name, value),) = key.items()
        found = (self._rows[p] for p in self._indexes.get((name, value), _EMPTY))
        return [row for row in found if row is not None]

    def page(
        self, cut: Cut, key: tuple[str, str] | None = None, keep: Callable[[T], bool] | None = None
    ) -> tuple[list[T], bool]:
        """One page, newest first, and whether more lies beyond it. Cursors must exist in this table."""
        positions: Sequence[int] = range(len(self._rows)) if key is None else self._indexes.get(key, _EMPTY)
        low, high = self._bounds(cut)
        first, end = bisect_left(positions, low), bisect_left(positions, high)
        backwards = cut.ending_before is not None
        walk = range(first, end) if backwards else range(end - 1, first - 1, -1)
        taken: list[T] = []
        for place in walk:
            row = self._rows[positions[place]]
            if row is None or (keep is not None and not keep(row)):
                continue
            if len(taken) == cut.limit:
                return (taken[::-1] if backwards else taken), True
            taken.append(row)
        return (taken[::-1] if backwards else taken), False

    def _bounds(self, cut: Cut) -> tuple[int, int]:
        low, high = 0, len(self._rows)
        if cut.created_from is not None:
            low = bisect_left(self._created, cut.created_from)
        if cut.created_to is not None:
            high = bisect_right(self._created, cut.created_to)
        if cut.starting_after is not None:
            high = min(high, self._position[cut.starting_after])
        if cut.ending_before is not None:
            low = max(low, self._position[cut.ending_before] + 1)
        return low, high


Row = dict[str, Any]
