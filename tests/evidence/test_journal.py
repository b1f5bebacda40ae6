"""The journal as it is read: each question answered as if all entries were looked through, without doing so."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry

KINDS = ("intent", "request", "reply", "webhook", "screen", "log", "control", "ledger")


class Counted(str):
    """A sale's id that counts how often it is compared or hashed."""

    asked = 0

    def __eq__(self, other: object) -> bool:
        Counted.asked += 1
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        Counted.asked += 1
        return str.__hash__(self)


def drawn(rng: random.Random, n: int, sales: int) -> Entry:
    data = {
        "verb": rng.choice(("start_sale", "refund_sale")), "what": rng.choice(("tap", "kill", "cleanup")),
        "operation": rng.choice(("refund.create", "reader.list")), "request": rng.randrange(1, n + 1),
        "of_sale": rng.random() < 0.5,
    }  # fmt: skip
    sale = rng.choice((None, *(f"s{i}" for i in range(sales))))
    actor, scenario = rng.choice(("till", "suite")), rng.choice(("a", "b"))
    return Entry(n, rng.choice(KINDS), "none", actor, n, n, scenario=scenario, sale=sale, data=data)  # type: ignore[arg-type]


def looked_through(entries: list[Entry], whether: Callable[[Entry], Any]) -> list[int]:
    return [e.n for e in entries if whether(e)]


def numbers(found: list[Entry]) -> list[int]:
    return [e.n for e in found]


@pytest.mark.parametrize("seed", range(5))
def test_every_question_is_answered_as_by_looking_through_all_and_again_when_more_is_added(seed: int) -> None:
    rng = random.Random(seed)
    entries = [drawn(rng, n, 4) for n in range(1, 301)]
    journal = Journal()
    for upto in (0, 1, 150, 300):
        journal.add(entries[len(journal) : upto])
        seen = entries[:upto]
        for sale in ("s0", "s3", "nobody's"):
            mine = [e for e in seen if e.sale == sale]
            assert journal.of_sale(sale) == mine
            assert numbers(journal.kind("screen", sale)) == looked_through(mine, lambda e: e.kind == "screen")
            starts = looked_through(mine, lambda e: e.kind == "intent" and e.data["verb"] == "start_sale")
            assert numbers(journal.intents(sale, "start_sale")) == starts
            assert numbers(journal.intents(sale)) == looked_through(mine, lambda e: e.kind == "intent")
            assert journal.last_ledger(sale) == next((e for e in reversed(mine) if e.kind == "ledger"), None)
            words = [e for e in mine if e.kind == "screen" and e.data["of_sale"]]
            assert journal.last_word(sale) == (words[-1] if words else None)
            assert journal.scenario_of(sale) == next((e.scenario for e in mine if e.kind == "intent"), None)
        controls = [e for e in seen if e.kind == "control"]
        assert journal.controls("tap") == [e for e in controls if e.data["what"] == "tap"]
        assert journal.controls("tap", "kill") == [e for e in controls if e.data["what"] in {"tap", "kill"}]
        requests = [e for e in seen if e.kind == "request" and e.actor == "till"]
        assert journal.till_requests() == journal.till_requests("refund.create", "reader.list") == requests
        assert journal.till_requests("refund.create") == [
            e for e in requests if e.data["operation"] == "refund.create"
        ]
        for request in requests:
            replies = [e for e in seen if e.kind == "reply" and e.data["request"] == request.n]
            assert journal.reply_to(request) == (replies[0] if replies else None)
        assert [list(journal.since(n)) for n in (0, 77, 300)] == [entries[n:upto] for n in (0, 77, 300)]
        assert [list(journal.until(n)) for n in (0, 77, 300)] == [entries[: min(n, upto)] for n in (0, 77, 300)]


def test_what_is_answered_is_the_callers_own() -> None:
    journal = Journal([drawn(random.Random(1), n, 1) for n in range(1, 50)])
    ask = (lambda: journal.of_sale("s0"), lambda: journal.kind("log"), lambda: journal.controls("tap"),
           lambda: journal.till_requests("refund.create"), lambda: journal.kind("ledger", "nobody's"))  # fmt: skip

    for question in ask:
        answered = question()
        before = list(answered)
        answered.clear()
        assert question() == before


def test_a_question_about_each_of_many_sales_does_not_look_through_all_of_them_again() -> None:
    def looks(sales: int) -> float:
        """How often an id is looked at, for each sale."""
        entries = [
            Entry(n, "ledger", "none", "suite", n, n, scenario=None, sale=Counted(f"s{n % sales}"), data={})
            for n in range(1, 3 * sales + 1)
        ]
        journal = Journal(entries)
        Counted.asked = 0
        for number in range(sales):
            sale = f"s{number}"
            assert journal.last_ledger(sale)
            assert len(journal.of_sale(sale)) == 3
            assert len(journal.kind("ledger", sale)) == 3
        return Counted.asked / sales

    assert looks(2000) <= 1.5 * looks(100)


def test_the_entries_since_a_number_are_found_without_looking_at_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0

    class Watched:
        def __init__(self, n: int) -> None:
            self._n = n

        @property
        def n(self) -> int:
            nonlocal looked_at
            looked_at += 1
            return self._n

    journal = Journal([Watched(n) for n in range(1, 4097)])  # type: ignore[misc]

    assert len(journal.since(4000)) == 96
    assert len(journal.until(7)) == 7
    assert looked_at <= 2 * 14
