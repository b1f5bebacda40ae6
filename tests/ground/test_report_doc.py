"""docs/what-a-report-holds.md is true of what a run writes: its files, its keys, and what is taken out of them."""

import json
import re
from pathlib import Path

import pytest

from cardpresent.certificate.load_report import LoadRun
from cardpresent.evidence.redaction import REMOVED, Redactor
from cardpresent.model.entry import Entry
from tests.certify.conftest import bench, compiled  # noqa: F401
from tests.certify.running import PAID, Bench
from tests.ground.project_files import ROOT

DOC = (ROOT / "docs" / "what-a-report-holds.md").read_text(encoding="utf-8")
# Named on the page and written only where something special happens.
SOMETIMES = {"replay-….json", "harness-error.txt", "attestations.json"}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = DOC.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(heading: str) -> set[str]:
    return {name for row in rows(heading) for name in re.findall(r"`([^`]+)`", row[0])}


def test_the_page_names_every_file_every_key_and_every_kind_of_entry_of_a_run(bench: Bench) -> None:  # noqa: F811
    ended = bench.certify("--select", PAID)

    assert {path.name for path in ended.out.iterdir()} == named("The files") - SOMETIMES
    assert set(ended.report) == named("`report.json`")
    kinds = {json.loads(line)["kind"] for line in (ended.out / "journal.jsonl").read_text("utf-8").splitlines()}
    assert {"intent", "request", "reply", "ledger", "screen", "log"} <= kinds <= named("`journal.jsonl`")


def test_the_page_names_every_key_of_a_load_run() -> None:
    assert set(LoadRun.__struct_fields__) == named("What a load run writes")


def test_the_page_names_every_kind_of_entry_that_a_journal_can_hold() -> None:
    kinds = Entry.__annotations__["kind"]

    assert named("`journal.jsonl`") == set(kinds.__args__)


@pytest.mark.parametrize("row", [row for row in rows("What is taken out") if row[2] != "–"], ids=lambda row: row[0])
def test_what_the_page_says_is_taken_out_is(row: list[str]) -> None:
    example = row[2].strip("`")
    given = json.loads(example) if example.startswith("{") else f"the till said {example} at noon"

    cleaned = json.dumps(Redactor().clean(given))

    assert REMOVED in cleaned
    secret = next(iter(given.values())) if isinstance(given, dict) else example.split()[-1]
    assert secret not in cleaned.replace(f"{REMOVED}4242", REMOVED)


@pytest.mark.parametrize("row", rows("What is not taken out"), ids=lambda row: row[0])
def test_what_the_page_says_stays_does(row: list[str]) -> None:
    example = row[2].strip("`")

    assert Redactor().clean_text(f"the till said {example} at noon") == f"the till said {example} at noon"


def test_the_numbers_on_the_page_are_those_of_the_code() -> None:
    source = {
        "its words (400 characters)": ("cardpresent/actors/screen_entry.py", "WORDS_KEPT = 400"),
        "in full (4,000)": ("cardpresent/actors/screen_entry.py", "RECEIPT_KEPT = 4000"),
        "up to 2,000 characters": ("cardpresent/actors/stage.py", "line[:2000]"),
        "last 40 log lines": ("steps/recorder.py", "[-40:]"),
    }
    for told, (file, code) in source.items():
        assert told in DOC
        assert code in (Path(ROOT) / file).read_text(encoding="utf-8")
