"""Faults by lot: seeded, one beside the other, on calls and on deliveries."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

CALLS = 40


def fates(till: str, key: str) -> list[int | None]:
    """The status each of so many calls is answered with; None where the line was cut."""
    seen: list[int | None] = []
    with httpx.Client(trust_env=False, timeout=10, auth=(key, "")) as http:
        for _ in range(CALLS):
            try:
                seen.append(http.get(f"{till}/v1/payment_intents").status_code)
            except httpx.HTTPError:
                seen.append(None)
    return seen


def test_a_fault_by_lot_fires_on_some_calls_and_is_counted_on_those(bench: Any) -> None:
    fault = bench.arm("rate_limited", chance=0.5)

    seen = Counter(fates(bench.server.till, bench.key))

    released = bench.release(fault)
    assert seen.keys() == {200, 429}
    assert (released["fired"], released["chance"]) == (seen[429], 0.5)


def test_a_certain_fault_fires_on_every_call_and_a_counted_one_stops(bench: Any) -> None:
    bench.arm("rate_limited", chance=1, count=3)

    assert fates(bench.server.till, bench.key) == [429] * 3 + [200] * (CALLS - 3)


def test_only_what_matches_is_drawn_for(bench: Any) -> None:
    fault = bench.arm("rate_limited", "payment_intent.capture", chance=1)

    assert fates(bench.server.till, bench.key) == [200] * CALLS
    assert bench.release(fault)["fired"] == 0


def test_a_call_that_one_fault_lets_pass_is_offered_to_the_next(bench: Any) -> None:
    lost, limited = bench.arm("answer_lost", chance=0.5), bench.arm("rate_limited", chance=1)

    seen = Counter(fates(bench.server.till, bench.key))

    assert seen.keys() == {None, 429}
    assert (bench.release(lost)["fired"], bench.release(limited)["fired"]) == (seen[None], seen[429])


def test_the_same_seed_draws_the_same_lots_and_another_seed_others(gateway_process: Callable[..., Any]) -> None:
    def run(seed: int) -> list[int | None]:
        server = gateway_process("--seed", str(seed))
        for fault in ("answer_lost", "rate_limited"):
            httpx.post(f"{server.suite}/_gateway/faults", json={"fault": fault, "chance": 0.3}).raise_for_status()
        return fates(server.till, "sk_test_lots")

    first, again, other = run(11), run(11), run(12)

    assert first == again
    assert first != other


def test_two_faults_of_one_kind_draw_lots_of_their_own(gateway_process: Callable[..., Any]) -> None:
    server = gateway_process()
    arm = {"fault": "rate_limited", "chance": 0.5}
    runs: list[list[int | None]] = []
    for _ in range(2):
        made = httpx.post(f"{server.suite}/_gateway/faults", json=arm).json()
        runs.append(fates(server.till, "sk_test_lots"))
        httpx.delete(f"{server.suite}/_gateway/faults/{made['id']}")

    assert runs[0] != runs[1]


def test_some_deliveries_are_faulted_by_lot_and_the_others_arrive_as_ever(bench: Any, receiver: Any) -> None:
    bench.listen(receiver, "payment_intent.created")
    fault = bench.arm("webhook_duplicated", chance=0.5)

    made = [bench.payment_intent().id for _ in range(20)]

    assert bench.quiet()["quiet"]
    times = Counter(Counter(one.id for one in receiver.received).values())
    assert times[1] + times[2] == len(made)
    assert times[1] and times[2] == bench.release(fault)["fired"]


@pytest.mark.parametrize("fault", ["answer_lost", "webhook_lost"])
@pytest.mark.parametrize("chance", [0, -0.1, 1.01, "0.1", True])
def test_a_chance_that_is_none_is_refused_with_what_one_looks_like(bench: Any, fault: str, chance: Any) -> None:
    said = bench.refused("faults", fault=fault, chance=chance)

    assert said == "chance is a number above 0, and at most 1: 0.1 faults one in ten that match, by lot"


def test_a_fault_goes_by_turns_or_by_lot_and_never_by_both(bench: Any) -> None:
    said = bench.refused("faults", fault="answer_lost", chance=0.1, every=10)

    assert said == "every stands beside chance; keep one of the two"
    assert bench.control("GET", "faults") == {"faults": []}
