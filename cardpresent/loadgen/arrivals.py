"""Who comes when: a Poisson stream of customers, drawn from a seed, whatever the till makes of the ones before."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cardpresent.loadgen.profile import Phase

# Whole dimes, so that no amount ends in what a simulated bank declines; a tip keeps that.
# Documented: https://docs.stripe.com/terminal/references/testing ("Physical test cards", amounts).
CHEAPEST: Final = 500
DEAREST: Final = 9_990
STEP: Final = 10
TIPS: Final = (10, 15, 20)


class Arrival(NamedTuple):
    """One customer: when, in seconds from the start; the how manyth of this share; for what; how many cents."""

    at_s: float
    number: int
    kind: str
    cents: int
    tip_percent: int


def arrivals(
    seed: int, per_s: float, duration_s: float, mix: Mapping[str, float], phases: Sequence[Phase],
    share: int = 0, shares: int = 1,
) -> Iterator[Arrival]:  # fmt: skip
    """The customers of one share of `shares`, in the order in which they come. The shares together are one stream."""
    rng = random.Random(f"{seed} share {share} of {shares}")
    kinds, weights = zip(*sorted(mix.items()), strict=True)
    for number, at_s in enumerate(_moments(rng, per_s / shares, duration_s, phases), start=1):
        kind = rng.choices(kinds, weights)[0]
        cents = rng.randrange(CHEAPEST, DEAREST + 1, STEP)
        yield Arrival(at_s, number, kind, cents, rng.choice(TIPS))


def _moments(rng: random.Random, per_s: float, duration_s: float, phases: Sequence[Phase]) -> Iterator[float]:
    """Each phase is a stream of its own rate: what has not come when one ends is drawn anew in the next."""
    began = 0.0
    for phase in phases:
        ends, rate = phase.until * duration_s, phase.times * per_s
        at_s = began
        while rate > 0 and (at_s := at_s + rng.expovariate(rate)) < ends:
            yield at_s
        began = ends
