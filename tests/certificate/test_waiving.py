"""Waivers: what they set aside, what they never hide, and when they themselves turn red."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.machine import certificate, junit
from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Run, build_report
from cardpresent.certificate.terminal import plain
from cardpresent.certificate.views import write_views
from cardpresent.model.requirement import Register

SCENARIO = "An approval behind a lost connection is never reported as a failure"


@pytest.fixture
def broken(record: Any, finding: Any) -> dict[str, Any]:
    return record("FD-26", "failed", findings=[finding("FD-26", sale="S-1042")])


def reported(run: Run, register: Register, records: list[dict[str, Any]], *waivers: Any, **given: Any) -> Any:
    return build_report(replace(run, waivers=waivers, **given), register, records)


def line(report: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(one for one in report["requirements"] if one["id"] == name)


@pytest.fixture
def others(good: Any) -> list[dict[str, Any]]:
    """All that a run has to tell beside the scenario that is broken."""
    return [one for one in good() if one["title"] != SCENARIO]


def test_a_till_whose_only_breach_is_waived_is_certified_and_its_page_shows_everything(
    circumstances: Run, register: Register, others: Any, broken: Any, waiver: Any, lost: Any, saved: Any, tmp_path: Path
) -> None:
    report = reported(circumstances, register, [*others, broken], waiver("FD-26"))
    out = saved(tmp_path / "waived", report, lost(broken["id"]))

    write_views(out)

    assert (report["verdict"], report["exit_code"]) == ("certified", 0)
    assert (line(report, "FD-26")["outcome"], line(report, "FD-26")["reason"]) == ("waived", "One reader is old")
    assert report["counts"]["waived"] == report["musts"]["counts"]["waived"] == 1
    assert report["counts"]["failed"] == 0
    page = (out / "certificate.html").read_text(encoding="utf-8")
    assert "1 is waived by the owner until a day that is named below; no other was breached" in page
    assert "Failed, waived until 15 Jan 2027 by the head of payments" in page
    assert "Declined. Try another card." in page, "the card with its exchange"
    for told in ("One reader is old", "https://tracker.example/PAY-318", "1 Nov 2026 to 15 Jan 2027", "in any venue"):
        assert told in page
    assert certificate(report, out)["claims"]["musts_waived"] == 1
    told = list(plain(report, out))
    assert told[0].endswith(" not testable here, 1 waived"), "whoever reads one line sees it"
    assert "FD-26: waived until 2027-01-15, One reader is old (the head of payments)" in "\n".join(told)


def test_build_servers_and_allure_show_what_is_waived_as_skipped_with_what_was_seen(
    circumstances: Run, register: Register, others: Any, broken: Any, waiver: Any, saved: Any, tmp_path: Path
) -> None:
    report = reported(circumstances, register, [*others, broken], waiver("FD-26"))
    out = saved(tmp_path / "waived", report, [])
    live = out / "allure-results" / "live-result.json"
    live.parent.mkdir()
    live.write_text(json.dumps({"name": SCENARIO, "status": "failed", "statusDetails": {"message": "FD-26: …"}}))

    write_views(out)

    (skipped,) = [case.find("skipped") for case in junit(report).iter("testcase") if case.get("name") == SCENARIO]
    assert skipped is not None
    assert skipped.get("message") == "FD-26 waived: One reader is old"
    assert junit(report).get("failures") == "0"
    told = json.loads(live.read_text())
    assert told["status"] == "skipped"
    assert told["statusDetails"]["message"] == "FD-26 waived: One reader is old\nFD-26: …"


@pytest.mark.parametrize(
    ("given", "state", "told"),
    [
        ({"expires": date(2026, 11, 15)}, "expired", "FD-04: expired on 2026-11-15"),
        ({}, "unused", "FD-04: is not needed, the line is passed; take it out of the file"),
    ],
)
def test_a_waiver_that_has_run_out_or_sets_nothing_aside_keeps_a_good_till_from_its_certificate(
    circumstances: Run, register: Register, good: Any, waiver: Any, saved: Any, tmp_path: Path, given: Any,
    state: str, told: str,
) -> None:  # fmt: skip
    report = reported(circumstances, register, good(), waiver("FD-04", **given))

    assert (report["verdict"], report["exit_code"]) == ("incomplete", 3)
    assert [one["state"] for one in report["waivers"]] == [state]
    assert told in report["faults"][0]["problem"]
    page = write_page(saved(tmp_path / "red", report, [])).read_text(encoding="utf-8")
    assert "It is the waivers’ turn" in page
    assert "Take what is red out of the waivers" in page
    assert {"expired": "Expired", "unused": "Unused"}[state] in page


def test_an_expired_waiver_lets_the_breach_refuse_the_till(
    circumstances: Run, register: Register, others: Any, broken: Any, waiver: Any
) -> None:
    report = reported(circumstances, register, [*others, broken], waiver("FD-26", expires=date(2026, 11, 22)))

    assert (report["verdict"], report["exit_code"]) == ("refused", 1)
    assert (report["waivers"][0]["state"], report["waivers"][0]["outcome"]) == ("expired", "failed")


def test_a_waiver_counts_to_the_end_of_its_last_day(
    circumstances: Run, register: Register, others: Any, broken: Any, waiver: Any
) -> None:
    last = waiver("FD-26", expires=circumstances.today)

    assert reported(circumstances, register, [*others, broken], last)["verdict"] == "certified"


def test_a_waiver_for_another_venue_sets_nothing_aside_and_is_not_unused(
    circumstances: Run, register: Register, others: Any, broken: Any, good: Any, waiver: Any
) -> None:
    elsewhere = waiver("FD-26", venue="test")

    assert reported(circumstances, register, [*others, broken], elsewhere)["verdict"] == "refused"
    report = reported(circumstances, register, good(), elsewhere)
    assert (report["verdict"], report["waivers"][0]["state"]) == ("certified", "elsewhere")


def test_what_a_narrowed_run_did_not_ask_is_no_reason_to_call_its_waiver_unused(
    circumstances: Run, register: Register, record: Any, waiver: Any
) -> None:
    report = reported(circumstances, register, [record("FD-04")], waiver("FD-26"), selected=["FD-04"])

    assert (report["exit_code"], report["waivers"][0]["state"], report["faults"]) == (5, "undecided", [])


def test_a_line_that_a_waived_breach_kept_from_being_shown_takes_a_waiver_of_its_own(
    circumstances: Run, register: Register, others: Any, broken: Any, waiver: Any
) -> None:
    both = {**broken, "requirements": ["FD-26", "EX-05"]}
    rest = [one for one in others if "EX-05" not in one["requirements"]]

    one = reported(circumstances, register, [*rest, both], waiver("FD-26"))
    two = reported(circumstances, register, [*rest, both], waiver("FD-26"), waiver("EX-05", reason="the same reader"))

    assert (one["verdict"], one["exit_code"]) == ("incomplete", 5)
    assert line(one, "EX-05")["reason"] == (
        "its scenario ended on FD-26 before it was shown; that is waived, and this line is not"
    )
    assert two["verdict"] == "certified"
    assert line(two, "EX-05")["outcome"] == "waived"


def test_a_scenario_that_broke_another_line_as_well_stays_red(
    circumstances: Run, register: Register, others: Any, broken: Any, finding: Any, waiver: Any
) -> None:
    worse = {**broken, "findings": [*broken["findings"], finding("FD-04")]}

    report = reported(circumstances, register, [*others, worse], waiver("FD-26"))

    assert (report["verdict"], report["counts"]["failed"], report["counts"]["waived"]) == ("refused", 1, 0)
