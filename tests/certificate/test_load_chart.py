"""Latency over time: lines that break where nothing finished, axes that hold, windows and goals where they belong."""

import re
from typing import Any

import pytest

from cardpresent.certificate.load_chart import Chart, charts, undrawn_goals, unit_of_time
from cardpresent.certificate.load_report import LoadRun, load_of
from tests.certificate import load_reports as runs


def run(**given: Any) -> LoadRun:
    return load_of(runs.report_of(runs.load_block(**given)))


def wide(**given: Any) -> Chart:
    return charts(run(**given))[0]


def places(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def test_a_line_breaks_where_nothing_finished() -> None:
    series = [runs.point(0, 100), runs.point(1, 120), runs.point(2, None), runs.point(3, 140), runs.point(4, 150)]

    path = dict(wide(series=series, duration_s=5.0).lines)["p50"]

    assert re.sub(r"[-\d. ]", "", path) == "MhLMhL"
    assert [x for x, _ in places(path)] == sorted(x for x, _ in places(path))


def test_a_line_breaks_where_seconds_are_missing_from_the_series() -> None:
    series = [runs.point(t, 100) for t in (0, 1, 7, 8)]

    assert dict(wide(series=series).lines)["p95"].count("M") == 2


def test_one_point_is_a_dot_and_an_empty_series_no_drawing() -> None:
    assert re.fullmatch(r"M[\d.]+ [\d.]+h0", dict(wide(series=[runs.point(0, 200)], duration_s=1.0).lines)["p50"])
    assert charts(run(series=[])) == []


def test_no_latency_at_all_still_shows_what_was_due() -> None:
    drawn = wide(series=[runs.point(t, None, finished=0) for t in range(5)], duration_s=5.0)

    assert (drawn.lines, drawn.y_ticks) == ((), ())
    assert drawn.started


@pytest.mark.parametrize("p50", [0.0, 0.4, 3, 99.5, 1000, 31_000, 4e6])
def test_everything_measured_lies_inside_its_frame(p50: float) -> None:
    for drawn in charts(run(series=[runs.point(t, p50 * (1 + t % 3)) for t in range(40)], duration_s=40.0)):
        inside = [place for _, path in drawn.lines for place in places(path)]
        assert all(drawn.top <= y <= drawn.bottom for _, y in inside)
        assert all(drawn.frame.left <= x <= drawn.frame.width - drawn.frame.right for x, _ in inside)
        assert 2 <= len(drawn.y_ticks) <= 7
        assert len({tick.text for tick in drawn.y_ticks}) == len(drawn.y_ticks)


@pytest.mark.parametrize("seconds", [1, 7, 60, 119, 121, 600, 7199, 7201, 28_800, 300_000])
def test_the_axis_of_time_has_few_ticks_that_say_different_things(seconds: int) -> None:
    step = max(1, seconds // 300)
    for drawn in charts(run(series=[runs.point(t, 100) for t in range(0, seconds, step)], duration_s=float(seconds))):
        texts = [tick.text for tick in drawn.x_ticks]
        assert 1 <= len(texts) <= drawn.frame.x_ticks + 1
        assert len(set(texts)) == len(texts)


def test_time_is_counted_in_what_the_run_took() -> None:
    told = [unit_of_time(run(duration_s=float(s), series=[])) for s in (60, 600, 28_800)]

    assert told == ["seconds", "minutes:seconds", "hours:minutes"]


def test_points_of_many_seconds_are_told_by_the_second() -> None:
    series = [runs.point(t, 100, started=300, finished=300) for t in range(0, 600, 100)]

    assert wide(series=series, duration_s=600.0).busiest == "3/s"


def test_a_goal_is_a_line_with_its_word_and_one_far_above_is_told_instead() -> None:
    goals = [
        runs.goal("p95_ms", 300, 412, False),
        runs.goal("p99_ms", 60_000, 640, True),
        runs.goal("error_rate", 1, 0, True),
    ]

    drawn = wide(goals=goals)

    assert [(line.text, line.colour) for line in drawn.goals] == [("goal p95 300 ms, missed", "bad")]
    assert undrawn_goals(run(goals=goals)) == ["p99 60 s"]


def test_windows_are_shaded_from_start_to_end_and_named_where_there_is_room() -> None:
    windows = [
        {"fault": "answer_lost", "from_s": 0.0, "to_s": 30.0},
        {"fault": "slow_issuer", "from_s": 5.0, "to_s": 300.0},
        {"fault": "never_reached", "from_s": 90.0, "to_s": 95.0},
    ]

    drawn = wide(windows=windows)

    assert [shade.text for shade in drawn.shades] == ["1 answer lost", "2 slow issuer"]
    assert drawn.shades[0].row != drawn.shades[1].row
    inner = drawn.frame.width - drawn.frame.left - drawn.frame.right
    assert drawn.shades[0].width == pytest.approx(inner / 2)
    assert drawn.shades[1].x + drawn.shades[1].width == pytest.approx(drawn.frame.width - drawn.frame.right)


def test_names_of_many_windows_never_meet() -> None:
    for drawn in charts(load_of(runs.soak())):
        assert len(drawn.shades) == 40
        taken: dict[int, float] = {}
        for shade in drawn.shades:
            if shade.text:
                assert shade.label_x >= taken.get(shade.row, 0.0)
                taken[shade.row] = shade.label_x + drawn.frame.letter * len(shade.text)
