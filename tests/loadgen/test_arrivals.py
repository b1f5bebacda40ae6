"""Customers come by chance, and the same ones again under the same seed."""

import itertools

import pytest

from cardpresent.loadgen.arrivals import Arrival, arrivals
from cardpresent.loadgen.profile import Phase
from cardpresent.profile.prices import ENDINGS

STEADY = (Phase(1.0, 1.0),)
SALES = {"sale": 1.0}


def stream(seed: int = 7, per_s: float = 5.0, duration_s: float = 400.0, **more) -> list[Arrival]:
    return list(arrivals(seed, per_s, duration_s, more.pop("mix", SALES), more.pop("phases", STEADY), **more))


def test_the_same_seed_brings_the_same_customers_and_another_seed_others():
    assert stream(seed=7) == stream(seed=7)
    assert stream(seed=7) != stream(seed=8)


def test_customers_come_in_order_at_the_rate_that_was_asked_for_and_none_after_the_end():
    came = [arrival.at_s for arrival in stream(per_s=5.0, duration_s=400.0)]

    assert came == sorted(came)
    assert came[-1] < 400.0
    # 2000 are expected; four standard deviations of a Poisson count are 180.
    assert 1820 < len(came) < 2180


def test_gaps_are_exponential_so_that_customers_come_in_bunches():
    came = [arrival.at_s for arrival in stream(per_s=5.0, duration_s=2_000.0)]
    gaps = [after - before for before, after in itertools.pairwise(came)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5

    assert deviation == pytest.approx(mean, rel=0.1)


def test_shares_together_are_as_many_as_one_stream_and_no_two_are_alike():
    shares = [stream(share=share, shares=4) for share in range(4)]

    assert 1820 < sum(map(len, shares)) < 2180
    assert len({tuple(share) for share in shares}) == 4


def test_a_phase_brings_its_own_rate():
    phases = (Phase(0.5, 1.0), Phase(0.75, 4.0), Phase(1.0, 0.0))
    came = [arrival.at_s for arrival in stream(per_s=5.0, duration_s=400.0, phases=phases)]
    before = sum(at_s < 200 for at_s in came)
    rush = sum(200 <= at_s < 300 for at_s in came)

    assert 870 < before < 1130
    assert 1820 < rush < 2180
    assert not any(at_s >= 300 for at_s in came)


def test_no_amount_and_no_tip_ends_in_what_a_simulated_bank_declines():
    for arrival in stream(mix={"tip": 1.0}):
        assert arrival.cents % 100 not in ENDINGS
        assert (arrival.cents + arrival.cents * arrival.tip_percent // 1000 * 10) % 100 not in ENDINGS


def test_what_customers_come_for_follows_the_mix():
    kinds = [arrival.kind for arrival in stream(mix={"sale": 3.0, "cancel": 1.0})]

    assert 0.2 < kinds.count("cancel") / len(kinds) < 0.3
