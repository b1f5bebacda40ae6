"""`[load]` of an integration file: what may stand there, and what is said of a goal that cannot be meant."""

import re

import pytest

from cardpresent.profile import IntegrationError, load
from tests.profile.test_loading import GOOD


@pytest.fixture
def read(tmp_path):
    def of(*lines: str):
        path = tmp_path / "cardpresent.toml"
        path.write_text("\n".join([GOOD, *lines]), encoding="utf-8")
        return load(path)

    return of


def test_every_goal_may_be_left_out_and_so_may_the_table(read):
    for lines in ((), ("[load]",)):
        goals = read(*lines).load
        assert {getattr(goals, name) for name in goals.__struct_fields__} == {None}


def test_the_goals_are_read_as_they_stand(read):
    goals = read(
        "[load]", "p95_ms = 800", "p99_ms = 2000.5", "error_rate = 0.01", "payments_per_s = 3",
        "stripe_calls_per_payment = 12", "poll_ms = 500",
    ).load  # fmt: skip

    assert (goals.p95_ms, goals.p99_ms, goals.error_rate) == (800, 2000.5, 0.01)
    assert (goals.payments_per_s, goals.stripe_calls_per_payment, goals.poll_ms) == (3, 12, 500)


def test_none_of_the_payments_may_fail(read):
    assert read("[load]", "error_rate = 0").load.error_rate == 0


@pytest.mark.parametrize(
    "lines, said",
    [
        (("p95 = 800",), 'load.p95: unknown key; did you mean "p95_ms"?'),
        (('p95_ms = "800ms"',), 'load.p95_ms: is "800ms"; write a number'),
        (("p95_ms = 0",), "load.p95_ms: is 0; mend it: Expected `float` > 0.0"),
        (("payments_per_s = -3",), "load.payments_per_s: is -3; mend it: Expected `float` > 0.0"),
        (("poll_ms = 0.5",), "load.poll_ms: is 0.5; write a whole number"),
        (("error_rate = 1",), "load.error_rate: is 1, so every payment could fail; "
         "write a share: 0.01 is one payment in a hundred"),
        (("error_rate = 2.5",), "load.error_rate: is 2.5, so every payment could fail; "
         "write a share: 0.01 is one payment in a hundred"),
        (("p99_ms = 700", "p95_ms = 800"), "load.p99_ms: is below p95_ms, which no payment could then miss; "
         "give p99_ms the larger of the two, or drop p95_ms"),
        (("p95_ms = inf",), "load.p95_ms: is inf; write a number that has an end"),
    ],
)  # fmt: skip
def test_a_goal_that_cannot_be_meant_is_named_with_its_line_and_its_fix(read, lines, said):
    with pytest.raises(IntegrationError) as caught:
        read("[load]", *lines)

    assert re.sub(r"^.*?\.toml:", "", str(caught.value)) == f"{GOOD.count(chr(10)) + 3}: {said}"


@pytest.mark.parametrize("goal", ["p95_ms", "p99_ms", "error_rate", "payments_per_s", "stripe_calls_per_payment"])
def test_what_is_no_number_is_no_goal(read, goal):
    with pytest.raises(IntegrationError, match=f"load.{goal}: is "):
        read("[load]", f"{goal} = nan")


def test_goals_say_nothing_of_what_the_till_is(read):
    without, goals = read().digests, read("[load]", "p95_ms = 800").digests

    assert goals.baseline == without.baseline
    assert goals.environment != without.environment


def test_a_shop_may_have_goals_of_its_own(read):
    till = read(
        "[load]", "p95_ms = 800", "error_rate = 0.01", "[shops.japan]",
        'till = { country = "JP", currencies = ["jpy"] }', "load.p95_ms = 900",
    )  # fmt: skip

    assert (till.load.p95_ms, till.shops["japan"].load.p95_ms, till.shops["japan"].load.error_rate) == (800, 900, 0.01)
