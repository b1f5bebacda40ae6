"""What of a journal a load run's verdict rests on, each sale with the faults that its own calls met."""

import json
from typing import Any

from cardpresent.loadgen.day_book import DayBook


def line(n: int, kind: str, data: dict[str, Any], *, sale: str | None = None, actor: str = "suite") -> bytes:
    where = {"wire": "none", "actor": actor, "begin_ms": 0.0, "end_ms": 0.0, "scenario": "load/ours", "sale": sale}
    entry = {"n": n, "kind": kind, **where, "data": data}
    return json.dumps(entry).encode()


def request(n: int, about: str | None = None) -> bytes:
    return line(n, "request", {"operation": "payment_intent.create", "object": about}, actor="till")


def fired(n: int, request: int) -> bytes:
    return line(n, "control", {"what": "fault_fired", "fault": "answer_lost", "request": request}, actor="gateway")


def reply(n: int, request: int, made: str) -> bytes:
    return line(n, "reply", {"request": request, "body": {"id": made}}, actor="till")


def told(*lines: bytes) -> DayBook:
    day = DayBook()
    day.take(lines)
    return day


def test_each_sale_has_its_own_entries_and_the_till_its_calls_counted():
    day = told(
        line(1, "intent", {"verb": "start_sale"}, sale="A"), request(2), line(3, "screen", {}, sale="B"), request(4)
    )

    assert {sale: [entry.n for entry in entries] for sale, entries in day.sales.items()} == {"A": [1], "B": [3]}
    assert day.calls == 2
    assert day.last_n == 4


def test_a_fault_belongs_to_the_sale_whose_payment_the_faulted_call_made_or_named():
    day = told(
        line(1, "intent", {"verb": "start_sale"}, sale="A"), line(2, "intent", {"verb": "start_sale"}, sale="B"),
        request(3), fired(4, 3), reply(5, 3, "pi_a"), request(6, "pi_b"), fired(7, 6),
    )  # fmt: skip

    assert [entry.n for entry in day.of_sale("A", ["pi_a"], day.met())] == [1, 4]
    assert [entry.n for entry in day.of_sale("B", ["pi_b"], day.met())] == [2, 7]


def test_a_call_that_went_well_is_no_stimulus():
    day = told(line(1, "intent", {"verb": "start_sale"}, sale="A"), request(2), reply(3, 2, "pi_a"))

    assert [entry.n for entry in day.of_sale("A", ["pi_a"], day.met())] == [1]


def test_reading_goes_on_where_it_ended():
    day = told(line(1, "intent", {"verb": "start_sale"}, sale="A"))
    day.take([line(2, "ledger", {"unclaimed": [], "asking": []}), line(3, "ledger", {}, sale="A")])

    assert [entry.n for entry in day.closing] == [2]
    assert [entry.n for entry in day.sales["A"]] == [1, 3]
