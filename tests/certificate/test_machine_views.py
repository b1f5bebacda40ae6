"""What programs read: certificate.json, junit.xml, and the end of a run in a terminal."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.console import Console

from cardpresent.certificate.machine import write_certificate, write_junit
from cardpresent.certificate.report import Run, build_report, read_report
from cardpresent.certificate.terminal import plain, show
from cardpresent.model.requirement import Register


def test_the_machines_view_binds_verdict_claims_and_digests(refused: Path) -> None:
    certificate = json.loads(write_certificate(refused).read_text(encoding="utf-8"))

    report = read_report(refused)
    assert (certificate["verdict"], certificate["exit_code"]) == ("refused", 1)
    assert certificate["claims"]["musts_met"] == report["musts"]["met"]
    assert certificate["report"]["sha256"] == hashlib.sha256((refused / "report.json").read_bytes()).hexdigest()
    assert len(certificate["requirements"]) == len(report["requirements"])


def test_each_scenario_is_one_case_red_yellow_or_skipped_as_it_ended(refused: Path, incomplete: Path) -> None:
    root = ElementTree.parse(write_junit(refused)).getroot()
    undecided = ElementTree.parse(write_junit(incomplete)).getroot()

    assert [root.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["7", "1", "0", "0"]
    assert [undecided.get(key) for key in ("tests", "failures", "errors", "skipped")] == ["8", "0", "1", "3"]
    failure = root.find(".//failure")
    assert failure is not None
    assert "FD-26: expected" in (failure.text or "")
    case = next(case for case in root.iter("testcase") if case.find("failure") is not None)
    assert case.get("classname") == "Reader"
    told = [(each.get("name"), each.get("value")) for each in case.iter("property")]
    assert ("requirement", "FD-26") in told
    assert ("outcome", "failed") in told


def test_words_that_xml_cannot_hold_do_not_break_it(
    tmp_path: Path, circumstances: Run, register: Register, record: Any, finding: Any, saved: Any
) -> None:
    words = "</failure>\x00\x1b\ufffe\ud800 & <b>"
    broken = record("FD-26", "failed", title=words, findings=[finding("FD-26", observed=words)])

    root = ElementTree.parse(write_junit(saved(tmp_path, build_report(circumstances, register, [broken])))).getroot()

    case = root.find(".//testcase")
    assert case is not None
    assert case.get("name") == "</failure>\ufffd\ufffd\ufffd\ufffd & <b>"


def printed(out: Path, *, terminal: bool) -> str:
    file = io.StringIO()
    show(read_report(out), out, Console(file=file, force_terminal=terminal, width=100))
    return file.getvalue()


def test_a_pipe_gets_plain_lines_and_a_terminal_colour(refused: Path) -> None:
    assert "\x1b[" not in printed(refused, terminal=False)
    assert "\x1b[" in printed(refused, terminal=True)


def test_the_end_of_a_run_says_verdict_failures_page_and_what_to_do(refused: Path) -> None:
    told = list(plain(read_report(refused), refused))

    assert told[0] == "Refused: Harbour Street Bakery till 4.2.0, 4 of 9 musts met, 3 not testable here"
    assert told[1].strip().startswith("Failed: 2 musts")
    assert any(line.startswith("  FD-26: expected the cashier is told “paid”") for line in told)
    assert f"Certificate: {refused / 'certificate.html'}" in told
    assert told[-1].startswith("Next: mend it, then cardpresent certify")


def test_markup_in_a_tills_words_is_printed_as_it_stands(
    tmp_path: Path, circumstances: Run, register: Register, record: Any, finding: Any, saved: Any
) -> None:
    broken = record("FD-26", "failed", findings=[finding("FD-26", observed="[red]paid[/red]\x1b[2J [/] :smile:")])
    out = saved(tmp_path, build_report(circumstances, register, [broken]))

    for terminal in (False, True):
        assert "[red]paid[/red]" in printed(out, terminal=terminal)
        assert "\x1b[2J" not in printed(out, terminal=terminal)
