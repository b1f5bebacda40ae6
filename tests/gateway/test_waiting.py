"""Long polls: the journal grows, and quiet falls."""

import threading
import time
from typing import Any


def test_a_poll_of_the_journal_answers_at_once_when_something_is_there(bench: Any) -> None:
    bench.payment_intent()
    began = time.monotonic()

    page = bench.journal(bench.began, wait_ms=5000)

    assert time.monotonic() - began < 1
    assert [entry["n"] for entry in page["entries"]] == list(range(bench.began + 1, page["last"] + 1))


def test_a_poll_of_the_journal_waits_for_the_next_entry(bench: Any) -> None:
    pages: list[Any] = []
    polling = threading.Thread(target=lambda: pages.append(bench.journal(bench.began, wait_ms=5000)))
    polling.start()

    bench.control("POST", "entries", entries=[{"kind": "log", "data": {"line": "hello"}}])
    polling.join(3)

    assert pages[0]["entries"][0]["data"] == {"line": "hello"}


def test_a_poll_of_the_journal_comes_back_empty_in_the_end(bench: Any) -> None:
    page = bench.journal(bench.began, wait_ms=30)

    assert page == {"entries": [], "last": bench.began, "newest": bench.began}


def test_pages_of_the_journal_join_without_a_gap(bench: Any) -> None:
    bench.control("POST", "entries", entries=[{"kind": "log", "data": {"line": str(i)}} for i in range(5)])

    first = bench.journal(bench.began, limit=2)
    rest = bench.journal(first["last"], limit=100)

    lines = [entry["data"]["line"] for entry in first["entries"] + rest["entries"]]
    assert (len(first["entries"]), lines) == (2, ["0", "1", "2", "3", "4"])


def test_quiet_comes_once_nothing_has_happened_for_long_enough(bench: Any) -> None:
    bench.payment_intent()
    began = time.monotonic()

    seen = bench.quiet(quiet_ms=80)

    assert seen["quiet"]
    assert (seen["till_in_flight"], seen["deliveries_due"]) == (0, 0)
    assert 0.04 < time.monotonic() - began < 1


def test_quiet_waits_for_a_delivery_under_way(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.15
    bench.payment_intent()

    busy, then = bench.quiet(timeout_ms=40), bench.quiet()

    assert (busy["quiet"], busy["deliveries_due"]) == (False, 1)
    assert (then["quiet"], then["deliveries_due"], len(receiver.received)) == (True, 0, 1)


def test_what_the_suite_changes_stirs_for_the_till_may_yet_do_something_about_it(bench: Any) -> None:
    first = bench.quiet()
    bench.suite_stripe.v1.customers.create()

    assert bench.quiet()["last_activity_ms"] > first["last_activity_ms"]


def test_what_the_suite_reads_does_not_break_the_quiet(bench: Any) -> None:
    first = bench.quiet()
    bench.suite_stripe.v1.payment_intents.list()

    assert bench.quiet()["last_activity_ms"] == first["last_activity_ms"]


def test_a_wait_that_is_no_number_is_refused(bench: Any) -> None:
    answer = bench.http.get(f"{bench.server.suite}/_gateway/quiet?quiet_ms=soon")

    assert answer.json() == {"error": 'quiet_ms is a whole number from 0, got "soon"'}
