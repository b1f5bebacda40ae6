"""`cardpresent prove` end to end: it believes a kill only for the reason written down beforehand."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.prove.shipped import FIXTURES

LIMIT_S = 300
# Two whose scenarios end in a moment.
TOKEN, RECEIPT = "M-32", "M-36"
FORETOLD = re.compile(r"^scenarios = .*?(?=^\[\[patch\]\])", re.DOTALL | re.MULTILINE)


def shipped(id: str) -> tuple[str, str]:
    """File name and text of one of the suite's own defects."""
    path = next((FIXTURES / "defects").glob(f"{id}-*.toml"))
    return path.name, path.read_text(encoding="utf-8")


def folder_with(defects: Iterable[tuple[str, str]], folder: Path) -> Path:
    (folder / "defects").mkdir(parents=True)
    for name, text in defects:
        (folder / "defects" / name).write_text(text, encoding="utf-8")
    return folder


def proved(*arguments: str, out: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, dict[str, Any]]]:
    """The finished command and the rows of its matrix, by id; none where it wrote no matrix."""
    done = subprocess.run(
        [sys.executable, "-m", "cardpresent", "prove", "--out", str(out), *arguments],
        cwd=out.parent,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    matrix = out / "kill-matrix.json"
    rows = json.loads(matrix.read_text(encoding="utf-8"))["rows"] if matrix.exists() else []
    return done, {row["defect"]: row for row in rows}


def test_two_defects_foretold_rightly_are_killed(tmp_path: Path) -> None:
    own = folder_with([shipped(TOKEN), shipped(RECEIPT)], tmp_path / "own")

    done, rows = proved("--defects", str(own), out=tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert [row["killed"] for row in rows.values()] == [True, True]
    assert [(row["kills"], row["attempts"]) for row in rows.values()] == [(5, 5), (5, 5)]
    assert rows[TOKEN]["verdict"] == "refused"
    assert {finding["requirement"] for finding in rows[TOKEN]["observed"]} == {"DC-01.3"}
    assert {finding["check"] for finding in rows[RECEIPT]["observed"]} == {"receipts.names_the_application"}
    assert all(finding["evidence"] for row in rows.values() for finding in row["observed"])


def test_what_a_trial_saved_is_judged_again_with_each_check_taken_away_in_turn(tmp_path: Path) -> None:
    own, out = folder_with([shipped(TOKEN), shipped(RECEIPT)], tmp_path / "own"), tmp_path / "out"
    proved("--defects", str(own), "--quick", out=out)

    done, _ = proved("--defects", str(own), "--only", TOKEN, "--only", RECEIPT, "--mutate-checks", out=out)

    assert done.returncode == 0, done.stderr
    found = {row["check"]: row for row in json.loads((out / "mutated-checks.json").read_text(encoding="utf-8"))}
    assert {check: row["survive"] for check, row in found.items()} == {
        "access.strangers_get_no_token": [TOKEN], "receipts.names_the_application": [RECEIPT],
    }  # fmt: skip
    everything, _ = proved("--defects", str(own), "--mutate-checks", out=out)
    assert everything.returncode == 1
    assert "every defect is killed without" in everything.stderr
    assert "charges.charged_total" in everything.stderr


def test_checks_cannot_be_tried_on_trials_that_never_were(tmp_path: Path) -> None:
    done, _ = proved("--only", TOKEN, "--mutate-checks", out=tmp_path / "out")

    assert done.returncode == 2
    assert f"holds no trial of {TOKEN}; run `cardpresent prove` first" in done.stderr


def test_a_defect_refused_for_another_reason_than_foretold_is_not_killed(tmp_path: Path) -> None:
    (token_name, token), (receipt_name, receipt) = shipped(TOKEN), shipped(RECEIPT)
    of_token, of_receipt = FORETOLD.findall(token)[0], FORETOLD.findall(receipt)[0]
    exchanged = [
        (token_name, token.replace(of_token, of_receipt)),
        (receipt_name, receipt.replace(of_receipt, of_token)),
    ]
    swapped = folder_with(exchanged, tmp_path / "swapped")

    done, rows = proved("--defects", str(swapped), out=tmp_path / "out")

    assert done.returncode == 1, done.stderr
    assert [row["killed"] for row in rows.values()] == [False, False]
    assert f"{TOKEN} NOT KILLED" in done.stderr
    assert f"{RECEIPT} NOT KILLED" in done.stderr


def test_a_patch_that_no_longer_fits_stops_the_proof_before_anything_is_called_killed(tmp_path: Path) -> None:
    name, text = shipped(TOKEN)
    worn = folder_with([(name, text.replace("require_till_session(connection_token)", "gone()"))], tmp_path / "worn")

    done, rows = proved("--defects", str(worn), out=tmp_path / "out")

    assert done.returncode == 2
    assert f"{name}: the old text occurs 0 times in app.py" in done.stderr
    assert rows == {}


def test_an_unknown_id_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    done, rows = proved("--only", "M-999", out=tmp_path / "out")

    assert done.returncode == 2
    assert "--only M-999: no such defect or variant; known: B-1, " in done.stderr
    assert rows == {}


def test_a_breach_of_what_only_should_hold_is_killed_by_the_warning_that_was_foretold(tmp_path: Path) -> None:
    done, rows = proved("--only", "M-99", out=tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert rows["M-99"]["killed"] is True
    assert rows["M-99"]["verdict"] != "refused"


def test_a_sample_of_all_defects_is_killed(tmp_path: Path) -> None:
    """Six from all over the list, so that a change which blinds the suite is seen before the whole proof is run."""
    ids = sorted(path.stem.split("-")[1] for path in (FIXTURES / "defects").glob("M-*.toml"))
    sample = [f"M-{number}" for number in ids[:: len(ids) // 6]][:6]

    done, rows = proved("--quick", *(part for one in sample for part in ("--only", one)), out=tmp_path / "out")

    assert [one for one in sample if not rows[one]["killed"]] == [], done.stderr
