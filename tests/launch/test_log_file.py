"""A till's log file: what it says since the run began, line by line."""

from pathlib import Path

from cardpresent.launch.log_file import LogFile


def test_what_stood_there_before_the_run_is_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "till.log"
    path.write_text("yesterday\n", encoding="utf-8")
    log = LogFile(path)

    with path.open("a", encoding="utf-8") as file:
        file.write("sale S1\nsale S2\n")

    assert log.lines() == ["sale S1", "sale S2"]
    assert log.lines() == []


def test_a_line_is_told_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "till.log"
    log = LogFile(path)

    path.write_bytes(b"sale S1\nsale")
    first = log.lines()
    with path.open("ab") as file:
        file.write(b" S2\r\n")

    assert first == ["sale S1"]
    assert log.lines() == ["sale S2"]


def test_a_file_that_was_begun_anew_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "till.log"
    log = LogFile(path)
    path.write_text("a long line about the first sale\n", encoding="utf-8")
    log.lines()

    path.write_text("anew\n", encoding="utf-8")

    assert log.lines() == ["anew"]


def test_a_file_that_is_not_there_yet_says_nothing(tmp_path: Path) -> None:
    assert LogFile(tmp_path / "none.log").lines() == []
