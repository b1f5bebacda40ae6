"""A replay is read as it was written, and whatever cannot be played says so in one sentence."""

import json
from pathlib import Path

import msgspec
import pytest

from cardpresent.evidence.replay import FORMAT, VERSION, Replay, ReplayError, Shown, Stimulus, read, written

REPLAY = Replay(
    FORMAT, VERSION, "0.1.0", "features/a.feature::Title", 7, "corner shop",
    Shown("FD-15", "invariants.captured_as_told", "The till says not paid while 20.00 USD is held"),
    (Stimulus("cashier", "starts a sale", "20.00 USD"), Stimulus("network", "fails calls", step="the refund", times=2)),
)  # fmt: skip


def file(folder: Path, text: str) -> Path:
    path = folder / "replay-FD-15.json"
    path.write_text(text, encoding="utf-8")
    return path


def changed(**keys: object) -> str:
    return json.dumps({**msgspec.to_builtins(REPLAY), **keys})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read(file(tmp_path, written(REPLAY))) == REPLAY


def test_a_person_can_read_it(tmp_path: Path) -> None:
    text = written(REPLAY)

    assert '"does": "starts a sale"' in text
    assert "null" not in text
    assert str(REPLAY.stimuli[1]) == "network: fails calls (the refund, 2 times)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{", "not valid JSON", id="cut short"),
        pytest.param("[1]", "no replay", id="a list"),
        pytest.param('{"schema": 1}', "no replay", id="some other file"),
        pytest.param(changed(version=2, cardpresent="9.0"), "written by cardpresent 9.0; this one plays", id="later"),
        pytest.param(changed(stimuli=[]), "holds no stimuli", id="emptied"),
        pytest.param(changed(seed="x"), "seed", id="a seed that is none"),
        pytest.param(changed(stimuli=[{"who": "cashier", "dose": "x"}]), "stimuli[0]", id="a key misspelt"),
    ],
)
def test_what_cannot_be_played_says_so_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = file(tmp_path, text)

    with pytest.raises(ReplayError) as refused:
        read(path)

    told = str(refused.value)
    assert told.startswith(f"{path}: ")
    assert words in told
    assert "\n" not in told


def test_a_file_that_is_not_there_says_where_replays_come_from(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"no such file or directory; give a replay-….json that a run wrote"):
        read(tmp_path / "none.json")
