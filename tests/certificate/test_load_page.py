"""load.html: what it says, that it is true of a run of any length, and that no words of a till disturb it."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.load_views import write_load_views
from cardpresent.certificate.report import ReportError
from tests.certificate import load_reports as runs
from tests.certificate.test_page import HOSTILE, Page

SECTIONS = [
    "Latency over time",
    "The books",
    "Steps of a payment",
    "The machine",
    "Workers",
    "What it relied on",
    "Proof",
]


def page_of(out: Path, report: runs.Report, entries: Any = ()) -> Page:
    write_load_views(report, runs.save(out, report, entries))
    page = Page((out / "load.html").read_text(encoding="utf-8"))
    assert page.open == []
    page.text = " ".join(page.text.split())
    return page


def html_of(out: Path) -> str:
    return (out / "load.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("make", runs.EVERY.values(), ids=runs.EVERY)
def test_every_page_stands_by_itself_and_reads_in_order(tmp_path: Path, make: Callable[[], runs.Report]) -> None:
    page = page_of(tmp_path, make())

    assert not page.tags & {"script", "link", "iframe", "img", "object", "form", "base"}
    assert not page.handlers
    assert all(value.startswith("#") for _, _, value in page.links)
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.anchors) <= set(page.ids)
    headings = [text for level, text in page.headings if level == 2]
    assert headings[:2] == ["What was asked, and what this page does not say", "Verdict"]
    assert headings[-len(SECTIONS) :] == SECTIONS


def test_a_certified_run_says_what_was_asked_and_each_number_beside_its_goal(tmp_path: Path) -> None:
    text = page_of(tmp_path, runs.certified()).text

    for said in (
        runs.QUESTION,
        "Harbour Street Bakery till 4.2.0",
        "3.3 payments a second for 1 min over 20 readers and 20 lanes.",
        "Customers came for: sale 80 %, tip 10 %, decline 5 %, refund 5 %.",
        "4 of 4 goals held. Till and Stripe agree to the cent: 4,112.34 USD collected in 198 sales.",
        "95 of 100 within (p95)412 msat most 800 msheld",
        "Payments a second3.3at least 3held",
        "Calls to Stripe per payment7.2–no goal set",
        "198 started, 198 finished: 188 paid, 10 not paid; 0 unsettled, 0 errors.",
        "The slowest took 812 ms.",
        "Collected, before refunds4,112.344,112.340.00",
        "Refunded–−200.00–",
        "Kept–3,912.34–",
        "tap to approved1880120 ms301 ms480 ms",
        "The measuring side was not in the way: its busiest part, gateway and emulator, used 0.38 of a core.",
        "Gateway and emulator22.8 s0.382.63 ×",
        "No fault was staged in this run.",
        "None. Nothing was set aside to reach this verdict.",
        "cardpresent load lunch_rush --integration staging.toml --duration 60s --rate 3.3 --readers 20 --goal p95=",
    ):
        assert said in text, said


def test_a_missed_goal_is_refused_without_a_word_against_the_money(tmp_path: Path) -> None:
    page = page_of(tmp_path, runs.refused_by_goal())

    assert "Failures" not in [text for _, text in page.headings]
    for said in (
        "2 of 3 goals missed. No fault was found in what became of the money.",
        "95 of 100 within (p95): 1.24 s, goal at most 800 ms.",
        "Payments that ended in an error1.01 %at most 1 %missed",
        "the till did not answer within 30 s 2 times",
        "0 faults found",
    ):
        assert said in page.text, said


def test_a_measuring_side_at_its_limit_is_said_beside_the_verdict(tmp_path: Path) -> None:
    text = page_of(tmp_path, runs.refused_by_goal()).text

    words = (
        "The measuring side was at its limit: gateway and emulator (0.92 of a core). These numbers are the harness’s"
    )
    assert text.index(words) < text.index("Latency over time")
    assert "Measure on a machine with more room" in text


def test_a_full_machine_is_said_though_no_part_of_it_is_at_its_limit(tmp_path: Path) -> None:
    parts = [{"part": name, "share": share} for name, share in (("till", 0.9), ("load", 0.5), ("gateway", 0.5))]
    machine = {"cores": 2, "parts": parts}

    text = page_of(tmp_path, runs.report_of(runs.load_block(machine=machine))).text

    assert "The machine was full: 1.9 of 2 cores in use" in text


def test_two_workers_may_use_a_core_each(tmp_path: Path) -> None:
    workers = [{"name": name, "started": 9, "finished": 9, "lost": False} for name in ("w1", "w2")]
    machine = {"cores": 8, "parts": [{"part": "load", "share": 1.4}]}

    text = page_of(tmp_path, runs.report_of(runs.load_block(machine=machine, workers=workers))).text

    assert "The measuring side was not in the way" in text


def test_a_double_charge_has_a_card_with_the_exchange_of_that_sale_alone(tmp_path: Path) -> None:
    page = page_of(tmp_path, runs.refused_by_double_charge(), runs.double_charge_entries())

    assert "The customer is charged 49.00 USD for a sale of 24.50 USD" in [
        t for level, t in page.headings if level == 3
    ]
    for said in (
        runs.SENTENCE,
        runs.FIX,
        "POST /v1/payment_intents amount=2450",
        "id=pi_second",
        "“Paid” (done)",
        "Stripe: collected0.0024.5049.00",
        "Unaccounted for0.000.0024.50",
        "None of its lines could be told to be about this sale.",
        "1 fault found",
        "pi_second: 24.50 USD",
        "4,112.344,136.84−24.50",
    ):
        assert said in page.text, said
    assert "pi_of_somebody" not in page.text
    assert "amount=999" not in page.text


def test_a_card_clears_nobody_in_a_run_that_had_troubles_of_its_own(tmp_path: Path) -> None:
    words = "suite, configuration and network did what they should"
    marred = runs.refused_by_double_charge()
    marred["faults"] = [{"party": "harness", "problem": "while driving load: the wire was gone"}]

    assert words in page_of(tmp_path / "a", runs.refused_by_double_charge()).text
    text = page_of(tmp_path / "b", marred).text
    assert words not in text
    assert "Left undecided While driving load: the wire was gone." in text


def test_two_hundred_of_one_kind_are_one_card_that_counts_them(tmp_path: Path) -> None:
    page = page_of(tmp_path, runs.many_findings())

    assert [name for name in page.ids if re.fullmatch(r"f\d+", name)] == ["f1"]
    assert "150 more findings of the same kinds are counted and not listed." in page.text
    assert "and 37 more sales" in page.text
    assert "Sale S-1001" in page.text


def test_what_was_stopped_is_incomplete_and_every_number_is_so_far(tmp_path: Path) -> None:
    text = page_of(tmp_path, runs.interrupted()).text

    for said in (
        "Another run’s turn: in this one worker w2 was lost.",
        "It ended after 14.2 s of 1 min.",
        "All numbers are of a part of the run: this one was stopped after 14.2 s of 1 min.",
        "95 of 100 within (p95)412 msat most 800 msheld so far",
        "99 of 100 within (p99)–at most 2 snot decided",
        "driven by 2 workers",
        "w22220lost",
    ):
        assert said in text, said
    assert "hold the next run" not in text


def test_hours_are_told_in_hours_and_many_windows_fold(tmp_path: Path) -> None:
    page = page_of(tmp_path, runs.soak())

    assert "Across: hours:minutes since the start" in page.text
    assert "one point for 1 min 36 s" in page.text
    assert "The fault windows, one by one 40 windows" in page.text
    assert "95,040 started" in page.text
    assert len(html_of(tmp_path)) < 150_000


def test_nothing_finished_draws_nothing_and_says_so(tmp_path: Path) -> None:
    text = page_of(tmp_path, runs.nothing_finished()).text

    for said in (
        "Another run’s turn: no payment finished in this one.",
        "Nothing to draw: the run kept no numbers over time.",
        "No step was taken in this run.",
        "No money was collected in this run.",
        "CPU time was not recorded, so whether the measuring side was in the way is not known.",
        "12 sales at the till against 0 charges at Stripe; no sum of the till’s own books was read",
    ):
        assert said in text, said


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    window = {"fault": HOSTILE, "what": HOSTILE, "from_s": 1, "to_s": 9, "fired": 1}
    block = runs.load_block(
        name=HOSTILE,
        question=HOSTILE,
        windows=[window],
        steps=[{"name": HOSTILE, "count": 1, "failures": 0}],
        goals=[runs.goal(HOSTILE, 1, 2, False)],
        workers=[{"name": HOSTILE, "lost": True}],
        machine={"parts": [{"part": HOSTILE, "share": 0.9}]},
        books={"unclaimed": [{"payment_intent": HOSTILE}]},
        asked={"mix": {HOSTILE: 1}},
    )
    told = dict.fromkeys(("expected", "observed", "headline", "requirement", "check"), HOSTILE)
    findings = [runs.double_charge(HOSTILE, **told), runs.double_charge(holds=None, observed=HOSTILE)]
    report = runs.report_of(block, "refused", findings=findings, till={"name": HOSTILE}, seed=HOSTILE, run=HOSTILE)
    entries = runs.double_charge_entries(HOSTILE)

    page = page_of(tmp_path, report, entries)

    assert not page.tags & {"script", "img"}
    assert not page.handlers
    assert "49" not in page.headings[0][1]
    text = html_of(tmp_path)
    for bad in ("\x1b", "\u202e", "\x00"):
        assert bad not in text
    assert "https://evil.example" in page.text


@pytest.mark.parametrize(
    ("block", "said"),
    [(None, "not of a load run"), ({"name": "x", "duration_s": "long"}, "duration_s"), ({}, "missing required field")],
)
def test_a_block_of_another_shape_is_refused_before_anything_is_written(tmp_path: Path, block: Any, said: str) -> None:
    report = {**runs.certified(), "load": block}

    with pytest.raises(ReportError, match=said):
        write_load_views(report, tmp_path)

    assert not list(tmp_path.iterdir())
