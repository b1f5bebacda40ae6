"""A load run elsewhere than in a browser: junit.xml, the last screen in a terminal, and the journal read for a card."""

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from cardpresent.certificate.load_evidence import gather
from cardpresent.certificate.load_junit import MONEY
from cardpresent.certificate.load_terminal import show_load
from cardpresent.certificate.load_views import write_load_views
from tests.certificate import load_reports as runs
from tests.certificate.test_page import HOSTILE


def junit_of(out: Path, report: runs.Report) -> ElementTree.Element:
    write_load_views(report, runs.save(out, report))
    return ElementTree.parse(out / "junit.xml").getroot()


def ends(root: ElementTree.Element) -> dict[str, str]:
    """Each case and what it ended in."""
    return {case.get("name", ""): next((each.tag for each in case), "passed") for case in root.iter("testcase")}


def test_a_certified_run_is_one_case_for_the_money_and_one_for_each_goal(tmp_path: Path) -> None:
    root = junit_of(tmp_path, runs.certified())

    assert ends(root) == {
        MONEY: "passed",
        "95 of 100 within (p95): at most 800 ms": "passed",
        "99 of 100 within (p99): at most 2 s": "passed",
        "Payments that ended in an error: at most 1 %": "passed",
        "Payments a second: at least 3": "passed",
    }
    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["5", "0", "0", "0"]


def test_a_missed_goal_fails_alone(tmp_path: Path) -> None:
    told = ends(junit_of(tmp_path, runs.refused_by_goal()))

    assert (told[MONEY], told["95 of 100 within (p95): at most 800 ms"]) == ("passed", "failure")


def test_a_double_charge_fails_the_case_of_the_money_and_names_the_sale(tmp_path: Path) -> None:
    root = junit_of(tmp_path, runs.refused_by_double_charge())

    failure = root.find(".//failure")
    assert failure is not None
    assert "FD-04: expected one charge of 24.50 USD, observed two charges" in (failure.text or "")
    assert "sale S-1042" in (failure.text or "")
    assert list(ends(root).values()).count("failure") == 1


def test_what_was_cut_short_passes_for_nothing(tmp_path: Path) -> None:
    told = ends(junit_of(tmp_path, runs.interrupted()))

    assert list(told.values()) == ["error", "skipped", "error"]


def test_a_waived_breach_and_a_should_do_not_fail_the_money(tmp_path: Path) -> None:
    waived = runs.refused_by_double_charge()
    waived.update(verdict="certified", exit_code=0, requirements=[runs.line("FD-04", "waived")])
    should = runs.report_of(runs.load_block(), findings=[runs.double_charge(level="should")])
    should["requirements"] = [runs.line("FD-04", "warning", level="should")]

    assert ends(junit_of(tmp_path / "a", waived))[MONEY] == "passed"
    assert ends(junit_of(tmp_path / "b", should))[MONEY] == "passed"


def test_what_nobody_could_tell_is_an_error_not_a_pass(tmp_path: Path) -> None:
    unknown = runs.double_charge(holds=None, observed="the books could not be told apart")
    surroundings = runs.double_charge(party="environment", observed="the disk was full")

    for name, finding in (("a", unknown), ("b", surroundings)):
        report = runs.report_of(runs.load_block(), "incomplete", findings=[finding])
        assert ends(junit_of(tmp_path / name, report))[MONEY] == "error"


def test_words_that_xml_cannot_hold_do_not_break_it(tmp_path: Path) -> None:
    words = HOSTILE + "\ufffe\ud800"
    block = runs.load_block(name=words, goals=[runs.goal(words, 1, 2, False)])
    report = runs.report_of(block, "refused", findings=[runs.double_charge(words, observed=words)], till={"name": "x"})
    out = tmp_path / "run"
    out.mkdir()

    write_load_views(report, out)

    assert ElementTree.parse(out / "junit.xml").getroot().get("tests") == "2"


def printed(report: runs.Report, out: Path, width: int, *, terminal: bool = True) -> str:
    file = io.StringIO()
    show_load(report, out, Console(file=file, force_terminal=terminal, width=width))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("make", runs.EVERY.values(), ids=runs.EVERY)
def test_the_last_screen_fits_one(tmp_path: Path, make: Callable[[], runs.Report], width: int) -> None:
    file = io.StringIO()
    show_load(make(), tmp_path, Console(file=file, force_terminal=True, width=width, color_system=None))

    rows = [math.ceil(max(len(line), 1) / width) for line in file.getvalue().splitlines()]
    assert sum(rows) <= 25
    copied = ("Page", "Next")
    assert all(len(line) <= width for line in file.getvalue().splitlines() if not line.startswith(copied))


def test_a_run_in_which_everything_went_wrong_still_fits_a_screen(tmp_path: Path) -> None:
    wrong = runs.refused_by_goal()["load"]
    sums = [{"minor_units": 10_000_000_000, "currency": name} for name in ("usd", "eur", "jpy", "kwd")]
    block = {
        **wrong,
        "question": runs.QUESTION * 3,
        "books": {**wrong["books"], "captured": sums, "unclaimed": [{"payment_intent": "pi_x"}]},
        "workers": [{"name": f"w{k}", "lost": True} for k in range(40)],
        "findings_left_out": 7,
    }
    findings = [runs.double_charge(f"S-{k}", requirement=f"FD-{k}", headline="It is charged " * 30) for k in range(20)]

    told = printed(runs.report_of(block, "refused", findings=findings), tmp_path, 80)

    assert len(told.splitlines()) <= 36
    assert "and 17 more faults on the page" in told


def test_a_pipe_gets_plain_lines_and_a_terminal_colour(tmp_path: Path) -> None:
    report = runs.refused_by_goal()

    assert "\x1b[" in printed(report, tmp_path, 80)
    plain = printed(report, tmp_path, 80, terminal=False)
    assert "\x1b[" not in plain
    assert "Payments  198 started, 196 finished: 186 paid, 10 not paid; 2 unsettled, 2 errors\n" in plain


def test_what_asks_the_same_again_names_a_file_of_the_teams_own_by_its_path(tmp_path: Path) -> None:
    report = runs.refused_by_double_charge()
    load = {**report["load"], "profile": "load/ours.py"}

    plain = printed({**report, "load": load}, tmp_path, 80, terminal=False)

    assert "cardpresent load load/ours.py --" in plain


def test_the_last_screen_says_verdict_numbers_books_faults_and_what_to_do(tmp_path: Path) -> None:
    plain = printed(runs.refused_by_double_charge(), tmp_path, 80, terminal=False)

    for said in (
        "Refused: Harbour Street Bakery till 4.2.0, under lunch_rush",
        "4 of 4 goals held. 1 fault found.",
        "95 of 100 within (p95)             412 ms  at most 800 ms  held",
        "4,136.84 USD collected, 200.00 USD refunded; till 4,112.34 USD, difference -24.50 USD",
        "1 payment at Stripe that no sale of the till claims",
        "FD-04: The customer is charged 49.00 USD for a sale of 24.50 USD",
        "gateway and emulator 0.38, till 0.52, load 0.24 of 2 cores",
        f"{tmp_path / 'load.html'}",
        "Next: mend it, then cardpresent load lunch_rush",
    ):
        assert said in plain, said


def test_terminal_and_page_count_the_same_faults(tmp_path: Path) -> None:
    one = [runs.double_charge("S-1"), runs.double_charge("S-1", requirement="FD-26"), runs.double_charge("S-2")]
    report = runs.report_of(runs.load_block(), "refused", findings=one)
    write_load_views(report, runs.save(tmp_path, report))

    assert "2 faults found" in printed(report, tmp_path, 80, terminal=False)
    assert "2 faults found" in (tmp_path / "load.html").read_text(encoding="utf-8")


def test_a_tills_words_steer_no_terminal(tmp_path: Path) -> None:
    hostile = runs.double_charge(headline="[red]paid[/red]\x1b[2J [/] :smile:")
    report = runs.report_of(runs.load_block(), "refused", findings=[hostile])

    told = printed(report, tmp_path, 80)

    assert "[red]paid[/red]" in told
    assert "\x1b[2J" not in told


# The journal


def written(path: Path, entries: list[dict[str, Any]], end: str = "\n") -> Path:
    path.write_text("\n".join(json.dumps(each) for each in entries) + end, encoding="utf-8")
    return path


def test_a_sales_calls_are_found_by_what_it_made_and_no_others(tmp_path: Path) -> None:
    found = gather(written(tmp_path / "j", runs.double_charge_entries()), ["S-1042"], [])

    assert [entry.n for entry in found.journal] == [1, 2, 4, 6, 7, 8, 9]
    assert {entry.sale for entry in found.journal} == {"S-1042"}
    assert (found.entries, found.whole) == (9, True)


def test_a_call_about_two_sales_is_neithers(tmp_path: Path) -> None:
    entries = runs.double_charge_entries()
    listed = {"data": [{"id": "pi_first"}, {"id": "pi_other"}]}
    entries += [
        runs.entry(10, "reply", {"request": 99, "status": 200, "body": listed}),
        runs.entry(11, "ledger", {"payment_intents": [{"id": "pi_other"}]}, "suite", "S-7"),
    ]

    found = gather(written(tmp_path / "j", entries), ["S-1042", "S-7"], [])

    assert 10 not in [entry.n for entry in found.journal]


def test_evidence_is_found_by_its_number_whoever_it_is_about(tmp_path: Path) -> None:
    found = gather(written(tmp_path / "j", runs.double_charge_entries()), [], [5])

    assert [entry.n for entry in found.journal] == [5]


def test_a_till_that_asks_for_hours_is_cut_down(tmp_path: Path) -> None:
    polls = [runs.entry(n, "request", {"path": "/v1/payment_intents/pi_first"}) for n in range(10, 5010)]

    found = gather(written(tmp_path / "j", runs.double_charge_entries() + polls), ["S-1042"], [9])

    assert len(found.journal) < 700
    assert found.entries == 5009


@pytest.mark.parametrize("text", ["", "not json\n", '{"n":1,"kind":"inte'])
def test_a_journal_that_is_missing_or_cut_off_is_not_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "j").write_text(text, encoding="utf-8")

    assert not gather(tmp_path / "j", ["S-1"], [1]).whole
    assert gather(tmp_path / "nowhere", ["S-1"], [1]).entries == 0
