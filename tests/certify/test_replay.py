"""A replay shows again what went wrong, every time; a sound till is none the worse for it; and no file confuses it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.model.outcome import Exit
from cardpresent.prove.graft import graft
from tests.certify.running import Bench, Ended
from tests.prove.shipped import INTEGRATION, POS, seeded

REPLAYS = Path(__file__).parent / "replays"
# What the machine found at each seeded till, cut down to what it takes.
SHOWN = {
    "M-08": ("FD-04", "invariants.one_live_payment"),
    "M-13": ("FD-14", "invariants.captured_as_told"),
    "M-14": ("FD-15", "invariants.captured_as_told"),
    "M-15": ("FD-27", "words.never_told_refused_while_charged"),
    "M-29": ("FD-49", "invariants.refunds_as_told"),
}


def replay_of(defect: str) -> Path:
    return REPLAYS / f"{defect}.json"


@pytest.fixture
def seeded_till(tmp_path: Path) -> Callable[[str], Path]:
    """The integration file of a reference POS with one defect."""

    def made(defect: str) -> Path:
        return graft(next(one for one in seeded() if one.id == defect), POS, INTEGRATION, tmp_path / defect)

    return made


def played(bench: Bench, file: Path, *words: str | Path) -> Ended:
    return bench.run("replay", file, "--out", bench.out, *words)


def broken(scenario: dict) -> set[tuple[str, str]]:
    return {(f["requirement"], f["check"]) for f in scenario["findings"] if f["holds"] is False}


def written(folder: Path, **changes: object) -> Path:
    path = folder / "replay-changed.json"
    path.write_text(json.dumps({**json.loads(replay_of("M-13").read_text(encoding="utf-8")), **changes}))
    return path


@pytest.mark.parametrize("defect", SHOWN)
def test_what_went_wrong_goes_wrong_again_three_times_out_of_three(bench, seeded_till, defect: str) -> None:
    ended = played(bench, replay_of(defect), "--integration", seeded_till(defect))

    (scenario,) = ended.report["scenarios"]
    assert (ended.code, scenario["outcome"]) == (Exit.REFUSED, "failed"), ended.stderr
    assert "the same stimuli went wrong in 3 of 3 tries" in scenario["staged"]
    assert SHOWN[defect] in broken(scenario)


@pytest.mark.parametrize("defect", ["M-14", "M-15"])
def test_a_sound_till_is_none_the_worse_for_it(bench, defect: str) -> None:
    ended = played(bench, replay_of(defect), "--tries", "2")

    (scenario,) = ended.report["scenarios"]
    assert (ended.code, scenario["outcome"]) == (Exit.INCOMPLETE, "passed"), ended.stderr
    assert broken(scenario) == set()


def test_the_machine_writes_what_it_finds_as_a_replay_that_shows_it_again(bench, seeded_till) -> None:
    till = seeded_till("M-13")
    found = bench.certify("--integration", till, "--select", "Whatever befalls a sale in whatever order, the till ends "
                          "up saying what the books say", "--interleavings", "20")  # fmt: skip

    (scenario,) = found.report["scenarios"]
    assert found.code == Exit.REFUSED, found.stderr
    file = found.out / scenario["replay"]
    assert f"cardpresent replay {file.name}" in (found.out / "certificate.html").read_text(encoding="utf-8")
    stimuli = json.loads(file.read_text(encoding="utf-8"))["stimuli"]
    assert len(stimuli) == 2
    # Whoever turns to the next customer cancels what is left open.
    assert stimuli[-1]["does"] in {"cancels the sale", "turns to the next customer"}

    again = bench.run("replay", file, "--integration", till, "--out", bench.folder / "again")

    report = json.loads((bench.folder / "again" / "report.json").read_text(encoding="utf-8"))
    assert again.code == Exit.REFUSED, again.stderr
    assert broken(report["scenarios"][0]) == broken(scenario)


def test_a_till_that_cannot_be_put_to_a_stimulus_is_told_which_and_why(bench, till) -> None:
    file = till("reference_pos", ("\ncancel = true\n", "\ncancel = false\n"))

    ended = played(bench, replay_of("M-13"), "--integration", file)

    (scenario,) = ended.report["scenarios"]
    assert (ended.code, scenario["outcome"]) == (Exit.INCOMPLETE, "not_demonstrated")
    assert "stimulus 2, “cashier: cancels the sale”, is beyond reach: the till has no cancel" in scenario["reason"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"version": 7, "cardpresent": "9.1"}, ["replay version 7", "9.1"], id="of another version"),
        pytest.param({"format": "other"}, ["no replay"], id="none of ours"),
        pytest.param({"scenario": "features/a.feature::B"}, ["names a scenario", "does not have"], id="lost scenario"),
        pytest.param({"stimuli": [{"who": 1}]}, ["stimuli[0]"], id="broken"),
    ],
)
def test_a_file_that_cannot_be_played_gets_one_sentence(bench, changes: dict, words: list[str]) -> None:
    ended = played(bench, written(bench.folder, **changes))

    assert ended.code == Exit.USAGE
    assert ended.left_nothing
    ended.says("replay-changed.json", *words)


def test_a_file_of_another_cardpresent_is_played_and_says_so(bench) -> None:
    ended = played(bench, written(bench.folder, cardpresent="0.0.9"), "--tries", "1")

    assert ended.code == Exit.INCOMPLETE
    assert "written by cardpresent 0.0.9, played by" in ended.stderr
    assert "1. cashier: starts a sale (20.00 USD)" in ended.stderr
