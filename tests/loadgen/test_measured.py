"""The figures of a load run, from how each payment ended."""

from cardpresent.loadgen.measured import POINTS_MAX, Measured, percentile


def heard(*ended: list) -> Measured:
    measured = Measured()
    measured.hear(0, {"started": len(ended), "finished": len(ended), "waiting": 0, "over": False, "ended": list(ended)})
    return measured


def test_a_share_is_over_when_its_process_says_so_and_not_when_it_falls_silent():
    measured = Measured()
    for share, over in ((0, False), (1, True), (0, False)):
        measured.hear(share, {"started": 1, "finished": 1, "waiting": 0, "over": over, "ended": []})

    assert measured.over == {1}


def test_payments_are_counted_until_the_last_one_ended():
    assert heard([0.2, 5_000.0, "accepted", None], [4.0, 500.0, "accepted", None]).last_end_s == 5.2
    assert heard().last_end_s == 0.0


def test_percentiles_are_of_payments_that_were_there_never_between_two():
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert percentile([5.0], 0.99) == 5.0
    assert percentile([], 0.5) is None


def test_counts_of_several_processes_add_up_and_the_last_word_of_each_counts():
    measured = Measured()
    for share, started in ((0, 5), (1, 3), (0, 9)):
        measured.hear(share, {"started": started, "finished": started - 1, "waiting": 0, "over": False, "ended": []})

    assert (measured.begun, measured.done) == (12, 10)


def test_a_payment_stands_at_the_second_its_customer_came_and_is_finished_when_it_was():
    points = heard([0.2, 500.0, "accepted", None], [0.9, 3_000.0, "accepted", None]).series(5)

    assert [(point["t_s"], point["started"], point["finished"]) for point in points] == [
        (0, 2, 1), (1, 0, 0), (2, 0, 0), (3, 0, 1),
    ]  # fmt: skip
    assert points[0]["p99"] == 3_000.0
    assert points[1]["p50"] is None


def test_a_long_run_has_no_more_points_than_a_page_can_show():
    ended = [[float(second), 100.0, "accepted", None] for second in range(0, 8 * 3600, 10)]
    points = heard(*ended).series(8 * 3600)

    assert len(points) <= POINTS_MAX
    assert sum(point["started"] for point in points) == len(ended)


def test_problems_are_told_by_how_often_they_were_met():
    measured = heard(
        [0.0, 1.0, "refused", "sale: refused"], [1.0, 1.0, "unsettled", "late"], [2.0, 1.0, "unsettled", "late"],
        [3.0, 1.0, "accepted", None],
    )  # fmt: skip

    assert measured.problems() == [("late", 2), ("sale: refused", 1)]
    assert measured.errors == 3
