"""Stories in any order, drawn by Hypothesis: a rule for each who has a hand in them, and the shortest that goes wrong.

A story is drawn whole before any of it is done to a till. What may come next follows from the story alone, so the same
seed draws the same stories; a story met twice, as when one that went wrong is cut shorter, is not played again.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from cardpresent.actors.deeds import Deed, makes_sense, repeats
from cardpresent.actors.story import Signature, Stimuli, Story
from cardpresent.evidence.replay import Stimulus
from cardpresent.model.money import Money
from cardpresent.profile.prices import Prices

# Drawing costs next to nothing, but where there is little that can happen nothing new may be left to draw.
DRAWN_FOR_EACH: Final = 25
PARTS: Final = (2, 1, 4)
# Amounts in tens of minor units are clear of the endings at which Stripe's simulated banks decline.
TENS: Final = (50, 2000)


class _WentWrong(Exception):
    """The story just played ended in the breach that is being looked for."""


class _Enough(BaseException):
    """As many stories as were asked for have been played, there is no more time, or something went amiss."""


@dataclass(slots=True)
class Search:
    """`play` does a story to a till and says which lines it broke by which checks; None where it decided nothing.

    `orders` stories are played at most, a third of them slow ones, each of at most `length` stimuli, and none begun
    after `within_s`. Once one went wrong, shorter ones that go wrong alike are looked for: at most `shorter` of them,
    in `shorter_within_s`.
    """

    deeds: Sequence[Deed]
    prices: Prices
    seed: int
    play: Callable[[Stimuli], frozenset[Signature] | None]
    orders: int
    length: int
    within_s: float
    shorter: int
    shorter_within_s: float
    played: dict[Stimuli, frozenset[Signature] | None] = field(default_factory=dict)
    looking_for: Signature | None = None
    _left: int = 0
    _until_s: float = 0.0
    _kinds: set[frozenset[tuple[str, str]]] = field(default_factory=set)
    _slow: int = 0
    _trouble: Exception | None = None

    def run(self) -> Stimuli | None:
        """The shortest story that went wrong, or None."""
        self._left, self._until_s = self.orders, time.monotonic() + self.within_s
        self._slow = max(1, self.orders // 3)
        machine: Any = seed(self.seed)(_machine(self))
        # Hypothesis keeps what it reads out of sources in a folder; a run leaves nothing but its own output behind.
        with tempfile.TemporaryDirectory(prefix="cardpresent-") as folder, suppress(_Enough, _WentWrong):
            set_hypothesis_home_dir(folder)
            run_state_machine_as_test(machine, settings=self._settings())
        shortest = self._shortest()
        with suppress(_Enough):
            shortest = self._without_idle(shortest)
        if self._trouble:
            raise self._trouble
        return shortest

    def _settings(self) -> settings:
        return settings(
            max_examples=DRAWN_FOR_EACH * self.orders + 100, stateful_step_count=self.length, database=None,
            deadline=None, derandomize=False, print_blob=False, report_multiple_bugs=False, verbosity=Verbosity.quiet,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=tuple(HealthCheck),
        )  # fmt: skip

    def tell(self, stimuli: Stimuli) -> None:
        """Play a story that was drawn, unless nobody buys anything in it, it was played before, or is no shorter."""
        if not Story.of(stimuli).sales:
            return
        if self.looking_for is None and self._dull(stimuli):
            return
        best = self._shortest()
        if stimuli not in self.played and (best is None or len(stimuli) <= len(best)):
            if self._left <= 0 or time.monotonic() >= self._until_s:
                raise _Enough
            self._go(stimuli)
        if self._wrong(stimuli):
            raise _WentWrong

    def _dull(self, stimuli: Stimuli) -> bool:
        """The same deeds as in a story before, whatever their order; or too many waits and restarts so far."""
        kinds = frozenset((s.who, s.does) for s in stimuli)
        slow = any(d.slow for d in self.deeds if (d.who, d.does) in kinds)
        if kinds in self._kinds or (slow and not self._slow):
            return True
        self._kinds.add(kinds)
        self._slow -= slow
        return False

    def _go(self, stimuli: Stimuli) -> None:
        self._left -= 1
        try:
            broken = self.played[stimuli] = self.play(stimuli)
        except Exception as trouble:
            # Hypothesis would take it for what it is looking for, and make it happen again and again.
            self._trouble = trouble
            raise _Enough from trouble
        if broken and self.looking_for is None:
            self.looking_for = min(broken)
            self._left, self._until_s = self.shorter, time.monotonic() + self.shorter_within_s

    def _wrong(self, stimuli: Stimuli) -> bool:
        return self.looking_for in (self.played.get(stimuli) or ())

    def _without_idle(self, stimuli: Stimuli | None) -> Stimuli | None:
        """The same story without whatever it goes wrong without: Hypothesis may have run out of time for that."""
        left, until_s = 0, time.monotonic() + self.shorter_within_s
        while stimuli and left < len(stimuli) and time.monotonic() < until_s:
            shorter = stimuli[:left] + stimuli[left + 1 :]
            if makes_sense(shorter, self.deeds) and shorter not in self.played:
                self._go(shorter)
            stimuli, left = (shorter, 0) if self._wrong(shorter) else (stimuli, left + 1)
        return stimuli

    def _shortest(self) -> Stimuli | None:
        wrong = [told for told, broken in self.played.items() if broken and self.looking_for in broken]
        return min(wrong, key=lambda told: (len(told), str(told)), default=None)


class _Told(RuleBasedStateMachine):
    """One story while it is drawn."""

    search: Search

    def __init__(self) -> None:
        super().__init__()
        self.stimuli: list[Stimulus] = []
        self.story = Story()
        self.amount = Money.zero(self.search.prices.currency)

    def may(self, who: str) -> list[Deed]:
        """What `who` can do next."""
        if self.story.must_recover:
            return [d for d in self.search.deeds if d.who == who == "network" and d.does == "recovers"]
        if self.story.must_begin and who != "cashier":
            return []
        last = self.stimuli[-1] if self.stimuli else None
        return [d for d in self.search.deeds if d.who == who and d.sense(self.story) and not repeats(d, last)]

    def goes_on(self, who: str, data: st.DataObject) -> None:
        deed = data.draw(st.sampled_from(self.may(who)))
        stimulus = Stimulus(
            deed.who, deed.does, self._amount(deed, data), card=self._one(data, deed.cards),
            step=self._one(data, deed.steps), times=self._one(data, deed.times),
        )  # fmt: skip
        self.stimuli.append(stimulus)
        self.story.goes_on(stimulus)

    def _amount(self, deed: Deed, data: st.DataObject) -> str | None:
        if not deed.amount:
            return None
        if deed.amount == "part":
            part = self.amount.minor_units // data.draw(st.sampled_from(PARTS))
            return str(Money(part // 10 * 10, self.amount.currency))
        self.amount = self.search.prices.usual(data.draw(st.integers(*TENS)) * 10)
        return str(self.amount)

    @staticmethod
    def _one(data: st.DataObject, values: Sequence[Any]) -> Any:
        return data.draw(st.sampled_from(values)) if values else None

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            self.search.tell(tuple(self.stimuli))


def _machine(search: Search) -> type[_Told]:
    """The machine of one search, with a rule for everybody who has a hand in its stories."""
    # Hypothesis sorts rules by name and begins with the first of everything: so, with the repertoire's own order.
    whos = dict.fromkeys(deed.who for deed in search.deeds)
    hands = [(name, who) for place, who in enumerate(whos) for name in _names(place, who)]
    rules = {name: _rule(name, who) for name, who in hands}
    return type("AnyOrder", (_Told,), {"search": search, **rules})


def _names(place: int, who: str) -> list[str]:
    """Who buys and who sells have two hands in a story, so that what goes wrong meets somebody who pays."""
    return [f"rule_{place}_{who}_{hand}" for hand in range(2 if who in {"cashier", "customer"} else 1)]


def _rule(name: str, who: str) -> Any:
    def acts(machine: _Told, data: st.DataObject) -> None:
        machine.goes_on(who, data)

    acts.__name__ = acts.__qualname__ = name
    return precondition(lambda machine: bool(machine.may(who)))(rule(data=st.data())(acts))
