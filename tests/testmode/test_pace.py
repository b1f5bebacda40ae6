"""Whose turn it is at Stripe."""

import asyncio

import pytest

from cardpresent.gateway.pace import OWN, SUITE, TILL, Pace


def test_the_till_goes_before_whoever_came_earlier() -> None:
    async def course() -> list[int]:
        pace, order = Pace(per_second=50, burst=1), []

        async def take(rank: int) -> None:
            await pace.turn(rank)
            order.append(rank)

        await pace.turn(OWN)
        await asyncio.gather(*(take(rank) for rank in (OWN, SUITE, TILL, OWN, TILL)))
        return order

    assert asyncio.run(course()) == [TILL, TILL, SUITE, OWN, OWN]


def test_a_burst_goes_at_once_and_what_is_beyond_it_waits() -> None:
    async def course() -> int:
        pace = Pace(per_second=0.001, burst=3)
        waiting = [asyncio.ensure_future(pace.turn(TILL)) for _ in range(5)]
        done, rest = await asyncio.wait(waiting, timeout=0.05)
        for one in rest:
            one.cancel()
        return len(done)

    assert asyncio.run(course()) == 3


def test_nobody_goes_while_stripe_has_had_enough() -> None:
    async def course() -> None:
        pace = Pace()
        pace.hold(60)
        async with asyncio.timeout(0.05):
            await pace.turn(TILL)

    with pytest.raises(TimeoutError):
        asyncio.run(course())


def test_one_who_left_the_queue_costs_nobody_a_turn() -> None:
    async def course() -> None:
        pace = Pace(per_second=20, burst=1)
        await pace.turn(TILL)
        left = asyncio.ensure_future(pace.turn(TILL))
        await asyncio.sleep(0)
        left.cancel()
        async with asyncio.timeout(5):
            await pace.turn(OWN)

    asyncio.run(course())
