"""A journal longer than a page, followed and brought home through the suite's own hand on the wire."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from cardpresent.drivers.wire import PAGE, Wire


class CountedWire(Wire):
    """Counts its questions for pages; `meanwhile` is written before each answer."""

    pages = 0
    meanwhile = 0

    def _send(self, method: str, path: str, *given: Any, **more: Any) -> Any:
        if path == "/_gateway/journal":
            self.pages += 1
            write(self, self.meanwhile)
        return super()._send(method, path, *given, **more)


def write(wire: Wire, count: int) -> None:
    wire.note_all([{"kind": "log", "data": {"line": f"line {i}"}} for i in range(count)])


@pytest.fixture
def wire(bench: Any) -> Iterator[CountedWire]:
    with CountedWire(bench.server.suite, after=bench.began) as made:
        yield made


def test_following_brings_the_local_journal_up_to_date_however_much_is_new(wire: CountedWire) -> None:
    write(wire, 2 * PAGE + 500)

    fresh = wire.follow()

    assert len(fresh) == len(wire.journal) == 2 * PAGE + 500
    assert [e.n for e in fresh] == list(range(fresh.first_n, fresh.last_n + 1))
    assert wire.pages == 3
    assert len(wire.follow()) == 0
    assert wire.pages == 4


def test_whoever_follows_a_busy_till_gets_what_stood_there_and_does_not_run_after_it(wire: CountedWire) -> None:
    write(wire, PAGE)
    wire.meanwhile = PAGE

    assert len(wire.follow()) == 2 * PAGE
    assert wire.pages == 2


def test_the_journals_own_lines_come_home_page_by_page_without_a_gap(wire: CountedWire, bench: Any) -> None:
    write(wire, 2 * PAGE + 500)

    numbers = [msgspec.json.decode(line)["n"] for line in wire.lines(bench.began)]

    assert numbers == list(range(bench.began + 1, bench.began + 2 * PAGE + 501))
    assert wire.pages == 3


def test_lines_end_where_the_journal_ended_when_it_was_first_asked(wire: CountedWire, bench: Any) -> None:
    write(wire, PAGE)
    wire.meanwhile = PAGE

    assert len(list(wire.lines(bench.began))) == 2 * PAGE
    assert list(wire.lines(10**9)) == []
