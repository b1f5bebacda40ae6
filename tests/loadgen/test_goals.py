"""Goals: read from a command line, laid one over the other, and held against what was measured."""

import pytest

from cardpresent.loadgen.goals import KINDS, GoalError, Goals, goals_from, goals_of, parse_goals
from cardpresent.profile.schema import Load

NOTHING = Load()
MEASURED = {
    "p95_ms": 412.0, "p99_ms": 1900.0, "error_rate": 0.004, "payments_per_s": 3.3, "stripe_calls_per_payment": 7.2,
}  # fmt: skip


@pytest.mark.parametrize(
    "text, name, goal",
    [
        ("p95=800ms", "p95_ms", 800), ("p95=0.8s", "p95_ms", 800), ("p99=2s", "p99_ms", 2000),
        ("p99=1.1s", "p99_ms", 1100), ("error_rate=1%", "error_rate", 0.01), ("error_rate=0.7%", "error_rate", 0.007),
        ("error_rate=0.01", "error_rate", 0.01), ("error_rate=0", "error_rate", 0), ("error_rate=0%", "error_rate", 0),
        ("payments_per_s=3", "payments_per_s", 3), ("payments_per_s=3.5/s", "payments_per_s", 3.5),
        ("stripe_calls=12", "stripe_calls_per_payment", 12), (" p95 = 800 ms ", "p95_ms", 800),
    ],
)  # fmt: skip
def test_a_goal_on_the_command_line_is_read_to_the_last_digit(text, name, goal):
    assert parse_goals([text]).set == {name: goal}


def test_several_goals_make_one_set_in_one_order_whatever_theirs_was():
    goals = parse_goals(["stripe_calls=12", "error_rate=1%", "p95=800ms"])

    assert list(goals.set.items()) == [("p95_ms", 800), ("error_rate", 0.01), ("stripe_calls_per_payment", 12)]
    assert parse_goals([]).set == {}


UNDERSTOOD = "there are p95=800ms, p99=2s, error_rate=1%, payments_per_s=3, stripe_calls=12"


@pytest.mark.parametrize(
    "texts, said",
    [
        (["p90=1s"], f"--goal p90=1s: is no goal; {UNDERSTOOD}"),
        (["p95"], f"--goal p95: is no goal; {UNDERSTOOD}"),
        ([""], f"--goal : is no goal; {UNDERSTOOD}"),
        (["p95<800ms"], f"--goal p95<800ms: is no goal; {UNDERSTOOD}"),
        (["p95=2"], "--goal p95=2: p95 takes a number with ms or s, as in p95=800ms"),
        (["p95="], "--goal p95=: p95 takes a number with ms or s, as in p95=800ms"),
        (["p99=fast"], "--goal p99=fast: p99 takes a number with ms or s, as in p99=2s"),
        (["p99=2min"], "--goal p99=2min: p99 takes a number with ms or s, as in p99=2s"),
        (["p95=-800ms"], "--goal p95=-800ms: p95 takes a number with ms or s, as in p95=800ms"),
        (["p95=nan"], "--goal p95=nan: p95 takes a number with ms or s, as in p95=800ms"),
        (["p95=8e9ms"], "--goal p95=8e9ms: p95 takes a number with ms or s, as in p95=800ms"),
        (["stripe_calls=12%"], "--goal stripe_calls=12%: stripe_calls takes a number, as in stripe_calls=12"),
        (["p95=0ms"], "--goal p95=0ms: nothing can hold that; write a number above 0, as in p95=800ms"),
        (["payments_per_s=0"],
         "--goal payments_per_s=0: nothing can miss that; write a number above 0, as in payments_per_s=3"),
        (["error_rate=1"],
         "--goal error_rate=1: every payment could fail, and it would hold; write error_rate=1%, or 0.01"),
        (["error_rate=100%"],
         "--goal error_rate=100%: every payment could fail, and it would hold; write error_rate=1%, or 0.01"),
        (["p95=1s", "p99=2s", "p95=800ms"], "--goal p95=800ms: p95 is given twice; keep one of the two"),
    ],
)  # fmt: skip
def test_a_goal_that_cannot_be_meant_is_refused_with_what_is_understood(texts, said):
    with pytest.raises(GoalError) as refused:
        parse_goals(texts)

    assert str(refused.value) == said


def test_every_form_that_is_named_as_understood_is():
    assert set(parse_goals(kind.flag for kind in KINDS.values()).set) == set(KINDS)


def test_the_command_line_stands_above_the_file_and_the_file_above_the_profile():
    flags = parse_goals(["p95=500ms"])
    file = Load(p95_ms=800.0, error_rate=0.01, poll_ms=500)
    profile = {"p95_ms": 2500, "error_rate": 0.05, "stripe_calls_per_payment": 12}

    goals = goals_of(flags, file, profile)

    assert goals.set == {"p95_ms": 500, "error_rate": 0.01, "stripe_calls_per_payment": 12}
    assert goals_of(Goals(), NOTHING, {}).set == {}


def test_a_goal_of_nothing_at_all_stands_above_a_lenient_one():
    goals = goals_of(parse_goals(["error_rate=0"]), Load(error_rate=0.01), {"error_rate": 0.05})

    assert goals.held({"error_rate": 0.001}) == [
        {"name": "error_rate", "goal": 0, "measured": 0.001, "holds": False}
    ]


@pytest.mark.parametrize(
    "given, said",
    [
        ({"p95": 800}, "no goal is called p95; there are p95_ms, p99_ms, error_rate, payments_per_s, "
         "stripe_calls_per_payment"),
        ({"p95_ms": "800"}, "the goal p95_ms is no number"), ({"p95_ms": True}, "the goal p95_ms is no number"),
        ({"p95_ms": float("nan")}, "the goal p95_ms is no number"),
        ({"p95_ms": -1}, "the goal p95_ms = -1: nothing can hold that; write a number above 0, as in p95=800ms"),
        ({"error_rate": 1}, "the goal error_rate = 1: every payment could fail, and it would hold; "
         "write error_rate=1%, or 0.01"),
    ],
)  # fmt: skip
def test_a_profiles_goal_that_cannot_be_meant_is_refused(given, said):
    with pytest.raises(GoalError) as refused:
        goals_from(given)

    assert str(refused.value) == said


def test_what_was_measured_holds_or_misses_each_goal_that_was_set():
    goals = goals_from({"p95_ms": 412, "p99_ms": 1899, "error_rate": 0.01, "payments_per_s": 3.4,
                        "stripe_calls_per_payment": 8})  # fmt: skip

    assert goals.held(MEASURED) == [
        {"name": "p95_ms", "goal": 412.0, "measured": 412.0, "holds": True},
        {"name": "p99_ms", "goal": 1899.0, "measured": 1900.0, "holds": False},
        {"name": "error_rate", "goal": 0.01, "measured": 0.004, "holds": True},
        {"name": "payments_per_s", "goal": 3.4, "measured": 3.3, "holds": False},
        {"name": "stripe_calls_per_payment", "goal": 8.0, "measured": 7.2, "holds": True},
    ]
    assert Goals().held(MEASURED) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_ceiling_is_missed_from_above_and_a_floor_from_below_and_each_is_held_by_itself(name):
    goals, step = goals_from({name: 0.5}), 0.1

    ends = [goals.held({name: 0.5 + by})[0]["holds"] for by in (-step, 0, step)]

    assert ends == ([False, True, True] if name == "payments_per_s" else [True, True, False])


@pytest.mark.parametrize("measured", [{}, {"p95_ms": None}, {"p95_ms": float("nan")}])
def test_where_nothing_was_measured_a_goal_is_neither_held_nor_missed(measured):
    assert goals_from({"p95_ms": 800}).held(measured) == [
        {"name": "p95_ms", "goal": 800.0, "measured": None, "holds": None}
    ]


def test_a_goal_is_judged_by_the_number_that_is_shown():
    (judged,) = goals_from({"p95_ms": 800}).held({"p95_ms": 800.0000000001})

    assert (judged["measured"], judged["holds"]) == (800.0, True)
