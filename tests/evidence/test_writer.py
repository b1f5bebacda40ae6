"""The journal: numbered, appended, redacted, and readable while it grows."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cardpresent.evidence import writer
from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.model.entry import Entry


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "journal.jsonl"


@pytest.fixture
def journal(path: Path) -> Iterator[JournalWriter]:
    made = JournalWriter(path, Redactor(["canary-1"]))
    yield made
    made.close()


def lines(path: Path) -> list[Entry]:
    return [msgspec.json.decode(line, type=Entry) for line in path.read_bytes().splitlines()]


def test_entries_are_numbered_from_one_and_on_the_disk_at_once(journal: JournalWriter, path: Path) -> None:
    numbers = [journal.write("log", "none", "suite", {"line": word}) for word in ("a", "b")]

    assert numbers == [1, 2]
    assert [(entry.n, entry.data) for entry in lines(path)] == [(1, {"line": "a"}), (2, {"line": "b"})]
    assert journal.last == 2


def test_an_entry_is_stamped_with_scenario_sale_and_time(journal: JournalWriter, path: Path) -> None:
    journal.scenario = "sale: declined"
    journal.write("intent", "till", "suite", {"verb": "start_sale"}, sale="s-1", begin_ms=1.5, end_ms=2.5)
    journal.scenario = None
    journal.write("log", "none", "suite", {"line": "x"})

    first, second = lines(path)
    assert (first.scenario, first.sale, first.begin_ms, first.end_ms) == ("sale: declined", "s-1", 1.5, 2.5)
    assert second.scenario is None
    assert 0 <= second.begin_ms == second.end_ms <= journal.now_ms()


def test_data_and_documents_are_redacted_before_they_are_written(journal: JournalWriter, path: Path) -> None:
    body = json.dumps({"id": "pi_1", "client_secret": "pi_1_secret_2"}, indent=2).encode()
    journal.write("reply", "stripe", "till", {"note": "canary-1"}, documents={"body": body})
    journal.write("reply", "stripe", "till", {}, documents={"body": b"<p>canary-1\r\n</p>"})

    first, second = lines(path)
    assert first.data == {"note": "[removed]", "body": {"id": "pi_1", "client_secret": "[removed]"}}
    assert second.data == {"body": "<p>[removed]\r\n</p>"}


def test_entries_are_read_back_by_number(journal: JournalWriter) -> None:
    for i in range(5):
        journal.write("log", "none", "suite", {"line": f"line {i}\nand more"})

    assert [json.loads(line)["n"] for line in journal.lines_after(0, 2)] == [1, 2]
    assert [json.loads(line)["n"] for line in journal.lines_after(3, 99)] == [4, 5]
    assert journal.lines_after(5, 99) == journal.lines_after(99, 99) == []


def test_listeners_hear_of_each_entry(journal: JournalWriter) -> None:
    heard: list[int] = []
    journal.on_write(lambda: heard.append(journal.last))

    journal.write("log", "none", "suite", {"line": "a"})
    journal.write("log", "none", "suite", {"line": "b"})

    assert heard == [1, 2]


def test_two_runs_never_share_a_journal(journal: JournalWriter, path: Path) -> None:
    journal.write("log", "none", "suite", {"line": "a"})

    with pytest.raises(FileExistsError, match="holds a journal already"):
        JournalWriter(path, Redactor())


def test_an_empty_file_may_become_a_journal(tmp_path: Path) -> None:
    (tmp_path / "j").touch()
    made = JournalWriter(tmp_path / "j", Redactor())

    assert made.write("log", "none", "suite", {"line": "a"}) == 1
    made.close()
    made.close()


def test_a_page_ends_where_its_bytes_would_hold_everybody_up(
    journal: JournalWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        journal.write("log", "none", "suite", {"line": "x" * 100})
    # As they are: no two need be as long, for each holds its moment.
    three = sum(len(line) + 1 for line in journal.lines_after(0, 3))

    def page_of(bytes_max: int, after: int = 0, limit: int = 99) -> list[int]:
        monkeypatch.setattr(writer, "PAGE_BYTES_MAX", bytes_max)
        return [json.loads(line)["n"] for line in journal.lines_after(after, limit)]

    assert page_of(three) == [1, 2, 3]
    assert page_of(three - 1) == [1, 2]
    assert page_of(three, after=4) == [5, 6]
    assert page_of(three, limit=2) == [1, 2]
    assert page_of(1) == [1]
    assert page_of(1, limit=0) == page_of(1, after=6) == []


def test_memory_holds_of_each_entry_where_it_ends_and_nothing_else(journal: JournalWriter) -> None:
    for _ in range(100):
        journal.write("log", "none", "suite", {"line": "always the same"})
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(4000):
        journal.write("log", "none", "suite", {"line": "always the same"})
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert grown < 4000 * 8 * 1.25 + 2000
