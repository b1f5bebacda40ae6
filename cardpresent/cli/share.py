"""Who runs what: a certification's scenarios dealt to lanes, shop by shop, as the lanes ask for more.

Each lane works one till at a time. The file's own till has most of the work, so every lane may join in, each with a
till of its own; a shop belongs to the lane that opens it. What moves a till's clock comes last, on a fresh till.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cardpresent.cli.selection import Listed
from cardpresent.launch.asking import GUIDED, shops_for
from cardpresent.profile import MAIN, Integration

LAST: Final = "last"
PAGE: Final = "page"
# Below this many scenarios a second till takes longer to start than it saves.
WORTH_A_LANE: Final = 40
LANES: Final = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Scenarios put to one till in a row. `run` numbers the till: two chunks with one number share it."""

    run: int
    shop: str
    ids: tuple[str, ...]


@dataclass(slots=True)
class _Lane:
    run: int = 0
    shop: str = ""


def lanes_for(till: Integration, scenarios: Sequence[Listed], wanted: int | None, cores: int) -> int:
    """How many tills may be worked at once: as many as were asked for, else one unless the till allows for more.

    A lane waits for its till a third of the time, so one more than there are cores keeps them busy.
    """
    if wanted is not None:
        return wanted
    return min(LANES, cores + 1) if till.process.parallel and len(scenarios) >= WORTH_A_LANE else 1


class Share:
    """Deals chunks. Every scenario but those of `once` is dealt `repeat` times to each of its tills, in turns."""

    def __init__(
        self, scenarios: Sequence[Listed], till: Integration, *, repeat: int = 1, once: Collection[str] = (),
        planned: Mapping[str, list[Listed]] | None = None,
    ) -> None:  # fmt: skip
        def dealt(its: Sequence[Listed]) -> tuple[str, ...]:
            return tuple(one.id for turn in range(repeat) for one in its if turn == 0 or one.id not in once)

        self._main: list[tuple[str, ...]] = []
        self._shops: list[tuple[str, tuple[str, ...]]] = []
        self._last: list[tuple[str, tuple[str, ...]]] = []
        self._lanes: dict[int, _Lane] = defaultdict(_Lane)
        self._runs = 0
        self.total = 0
        self.planned = by_shop(scenarios, till) if planned is None else dict(planned)
        for shop, its in self.planned.items():
            usual = [s for s in its if LAST not in s.tags]
            if shop == MAIN:
                self._main = [dealt(part) for part in _parts(usual)]
            elif usual:
                self._shops.append((shop, dealt(usual)))
            if last := [s for s in its if LAST in s.tags]:
                self._last.append((shop, dealt(last)))
        self.total = sum(map(len, [*self._main, *(ids for _, ids in [*self._shops, *self._last])]))

    @property
    def features(self) -> list[str]:
        """The feature files that hold what is dealt."""
        return sorted({one.path for its in self.planned.values() for one in its})

    def next_for(self, lane: int) -> Chunk | None:
        """What `lane` does next; None when nothing is left. The first lane begins at the file's own till."""
        state = self._lanes[lane]
        if self._main and (state.shop == MAIN or lane == 0 or not self._shops):
            return self._chunk(state, MAIN, self._main.pop(0), fresh=state.shop != MAIN)
        if self._shops:
            return self._chunk(state, *self._shops.pop(0), fresh=True)
        if self._last:
            return self._chunk(state, *self._last.pop(0), fresh=True)
        return None

    def _chunk(self, state: _Lane, shop: str, ids: tuple[str, ...], *, fresh: bool) -> Chunk:
        if fresh:
            self._runs += 1
            state.run, state.shop = self._runs, shop
        return Chunk(state.run, shop, ids)


def by_shop(scenarios: Iterable[Listed], till: Integration) -> dict[str, list[Listed]]:
    """Which scenarios are put to which till, in the file's order of tills."""
    planned: dict[str, list[Listed]] = defaultdict(list)
    for scenario in scenarios:
        for shop in shops_for(scenario.tags, till):
            planned[shop.shop].append(scenario)
    return {shop: planned[shop] for shop in till.every_shop if planned[shop]}


def _parts(scenarios: Sequence[Listed]) -> list[list[Listed]]:
    """One part a feature file, the longest first; a browser is opened once, so what needs one stays together."""
    by_file: dict[str, list[Listed]] = defaultdict(list)
    for scenario in scenarios:
        by_file[PAGE if PAGE in scenario.tags else scenario.path].append(scenario)
    # A person is asked when everything else is under way.
    return sorted(by_file.values(), key=lambda p: (GUIDED in p[0].tags, PAGE not in p[0].tags, -len(p)))

