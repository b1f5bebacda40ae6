"""A journal as people read it: the exchange of a sale, and its money."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cardpresent.certificate import books, exchange
from cardpresent.certificate.exchange import Gap, Line, describe, lines, own_log, read_journal
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.money import Money

SCENARIO = "features/reader/reader.feature::An approval"


def entries_of(raw: list[dict[str, Any]]) -> list[Entry]:
    return [msgspec.convert(each, Entry) for each in raw]


def usd(minor: int) -> Money:
    return Money(minor, "usd")


def test_evidence_is_marked_in_place_under_what_was_expected(lost: Any) -> None:
    told = lines(entries_of(lost(SCENARIO)), {6}, "paid", "declined")

    marks = [(line.mark, line.n) for line in told if isinstance(line, Line) and line.mark]
    assert marks == [("expected", None), ("observed", 6)]
    assert told[-1] == Line(0.22, "books at Stripe", told[-1].text, True, "", 7)  # type: ignore[union-attr]


def test_a_finding_without_evidence_ends_in_what_was_expected_and_observed(lost: Any) -> None:
    told = lines(entries_of(lost(SCENARIO)), set(), "paid", "declined")

    assert [(line.who, line.text) for line in told[-2:] if isinstance(line, Line)] == [
        ("Expected", "paid"),
        ("Observed", "declined"),
    ]


def test_a_long_exchange_is_cut_to_its_limit_and_says_how_much_is_missing(lost: Any) -> None:
    raw = lost(SCENARIO, polls=200)
    screen = raw[-2]["n"]

    told = lines(entries_of(raw), {screen}, "paid", "declined", limit=20)

    shown = [line for line in told if isinstance(line, Line) and line.n is not None]
    missing = sum(gap.count for gap in told if isinstance(gap, Gap))
    assert len(shown) == 20
    assert missing == len(raw) - 20
    assert [line.n for line in shown if line.mark == "observed"] == [screen]


def test_times_count_from_the_start_of_the_sale(lost: Any) -> None:
    told = [line for line in lines(entries_of(lost(SCENARIO)), {6}, "", "") if isinstance(line, Line)]

    starts = [line.at_s for line in told if line.who == "cashier"]
    assert starts == [0.0]


def test_the_entries_of_one_sale_leave_those_of_another_out(lost: Any, paid: Any) -> None:
    raw = [*lost(SCENARIO), *paid(SCENARIO, "S-2", 8)]

    own = exchange.of_sale(Journal(entries_of(raw)), SCENARIO, [1, 10], "S-1042")

    assert [entry.n for entry in own] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("kind", "data", "actor", "who", "text"),
    [
        ("request", {"method": "POST", "path": "/v1/x", "params": {"a": {"b": [1]}}, "idempotency_key": "k_1"}, "till",
         "till → Stripe", "POST /v1/x a[b][]=1 key=k_1"),
        ("reply", {"status": 402, "body": {"error": {"type": "card_error", "code": "card_declined"}}}, "till",
         "Stripe → till", "402 card_error card_declined"),
        ("reply", {"status": 200, "body": {"id": "pi_1"}, "fault": "answer_lost", "delivered": False,
                   "committed": True}, "till", "Stripe → till",
         "200 id=pi_1 (injected: answer_lost, the caller never got it, Stripe had done it)"),
        ("webhook", {"type": "charge.refunded", "object": "ch_1", "genuine": False, "staging": "forged:no_signature",
                     "status": 400, "attempt": 1}, "gateway", "attacker → till",
         "webhook charge.refunded ch_1 (staged: forged:no_signature) → 400"),
        ("control", {"what": "kill", "signal": "KILL"}, "gateway", "till", "kill signal=KILL"),
        ("intent", {"verb": "refund_sale", "refund_amount": {"minor_units": 850, "currency": "usd"}}, "suite",
         "cashier", "refund sale, refund amount 8.50 USD"),
        ("screen", {"outcome": "unknown", "standing": "settled", "words": ""}, "suite", "till screen",
         "(not known yet)"),
        ("ledger", {"payment_intents": []}, "suite", "books at Stripe", "nothing for this sale"),
        ("ledger", {"cards": []}, "suite", "books at Stripe", "cards kept: none"),
    ],
)  # fmt: skip
def test_each_kind_of_entry_reads_as_one_line(
    journal_entry: Callable[..., dict[str, Any]], kind: str, data: dict[str, Any], actor: str, who: str, text: str
) -> None:
    line = describe(entries_of([journal_entry(1, kind, data, actor=actor)])[0])

    assert (line.who, line.text) == (who, text)


def test_a_log_keeps_its_end_and_counts_its_beginning() -> None:
    kept, left = own_log([f"line {k}\n" for k in range(100)])

    assert (kept[-1], len(kept), left) == ("line 99", 40, 60)


def test_a_journal_cut_short_is_read_up_to_the_cut(tmp_path: Path, lost: Any, saved: Any, refused: Path) -> None:
    path = refused / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-40])

    journal, whole = read_journal(path)

    assert (len(journal), whole) == (6, False)
    assert read_journal(tmp_path / "none.jsonl")[1] is False


def test_money_held_behind_a_refusal_is_unaccounted_for(lost: Any) -> None:
    table = books.of_sale("S-1042", entries_of(lost(SCENARIO)))

    assert table is not None
    assert [(row.label, row.expected, row.observed) for row in table.rows] == [
        ("Stripe: collected", usd(0), usd(0)),
        ("Stripe: held on the card", usd(0), usd(2450)),
    ]
    assert table.unaccounted == usd(2450)


def test_a_sale_shown_paid_and_never_collected_counts_once(lost: Any) -> None:
    raw = lost(SCENARIO)
    raw[-2]["data"]["outcome"] = "accepted"

    table = books.of_sale("S-1042", entries_of(raw))

    assert table is not None
    assert table.unaccounted == usd(2450)


def test_a_till_that_does_not_know_promises_nothing(lost: Any) -> None:
    raw = lost(SCENARIO)
    raw[-2]["data"]["outcome"] = "unknown"

    table = books.of_sale("S-1042", entries_of(raw))

    assert table is not None
    assert {row.expected for row in table.rows} == {None}


def test_a_sale_charged_in_another_currency_has_no_table(lost: Any) -> None:
    raw = lost(SCENARIO)
    raw[-1]["data"]["payment_intents"][0]["currency"] = "eur"

    assert books.of_sale("S-1042", entries_of(raw)) is None


def test_the_tills_own_books_stand_beside_stripes_where_they_were_read(lost: Any) -> None:
    raw = lost(SCENARIO)
    raw[-2]["data"]["record"] = {"paid": 2450, "tip": None, "refunded": 0}

    table = books.of_sale("S-1042", entries_of(raw))

    assert table is not None
    assert (table.rows[0].label, table.rows[0].expected, table.rows[0].observed) == (
        "Till’s books: paid by card",
        usd(0),
        usd(2450),
    )


def test_what_was_taken_and_given_back_whole_is_accounted_for(paid: Any) -> None:
    raw = paid(SCENARIO, "S-1", 1)
    raw[1]["data"]["outcome"] = "refused"
    raw[2]["data"]["refunds"] = [{"id": "re_1", "amount": 2000, "currency": "usd", "status": "succeeded"}]

    table = books.of_sale("S-1", entries_of(raw))

    assert table is not None
    assert not table.unaccounted


def test_a_word_said_after_the_books_were_read_is_not_held_against_them(lost: Any, journal_entry: Any) -> None:
    raw = lost(SCENARIO)
    raw[-2]["data"].update(outcome="accepted", standing="held")
    cleaned_up = {"verb": "sale_state", "outcome": "refused", "standing": "settled", "of_sale": True, "words": "No"}
    raw.append(journal_entry(8, "screen", cleaned_up, sale="S-1042"))

    table = books.of_sale("S-1042", entries_of(raw))

    assert table is not None
    assert not table.unaccounted


def test_the_books_of_a_run_sum_each_currency_alone(paid: Any, lost: Any) -> None:
    raw = [*paid(SCENARIO, "S-1", 1), *paid(SCENARIO, "S-2", 4, 3150, 400)]
    open_sale = lost(SCENARIO, "S-3", 20)
    open_sale[-2]["data"]["outcome"] = "unknown"

    [told] = books.of_run(entries_of([*raw, *open_sale]))

    assert (told.currency, told.sales, told.open_sales) == ("usd", 2, 1)
    assert (told.till.collected, told.stripe.collected, told.stripe.tips) == (usd(5550), usd(5550), usd(400))


def test_a_refund_asked_for_twice_under_one_name_is_promised_once(paid: Any, journal_entry: Any) -> None:
    refund = {"minor_units": 500, "currency": "usd"}
    raw = paid(SCENARIO, "S-1", 1)
    for n in (4, 6):
        asked = {"verb": "refund_sale", "refund": "R-1", "amount": refund}
        raw.append(journal_entry(n, "intent", asked, sale="S-1"))
        told = {"verb": "refund_sale", "outcome": "accepted", "of_sale": False, "standing": "settled", "words": "OK"}
        raw.append(journal_entry(n + 1, "screen", told, sale="S-1"))
    ledger = dict(raw[2]["data"], refunds=[{"id": "re_1", "amount": 500, "currency": "usd", "status": "succeeded"}])
    raw.append(journal_entry(8, "ledger", ledger, sale="S-1"))

    table = books.of_sale("S-1", entries_of(raw))

    assert table is not None
    assert [(row.expected, row.observed) for row in table.rows] == [
        (usd(2000), usd(2000)),
        (usd(0), usd(0)),
        (usd(500), usd(500)),
    ]
    assert not table.unaccounted
