"""A graft is the till with one thing changed, alone in its folder; what does not fit is refused by name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cardpresent.prove.defect import DefectError, Header, Patch, Seeded, load
from cardpresent.prove.graft import graft
from tests.prove.shipped import INTEGRATION, POS

SOUND = """
id = "M-99"
title = "The receipt is a centimetre too wide"
class = "FD-73"
severity = "S3"
scenarios = ["features/receipts/receipt.feature::The receipt shows the amount that was charged"]

[expected]
requirement = "FD-73"
check = "receipts.names_the_application"

[[patch]]
file = "receipts.py"
old = "WIDTH: Final = 34"
new = "WIDTH: Final = 44"
"""


def seeded(*patches: Patch) -> Seeded:
    return Seeded(Path("M-99-anything.toml"), "defect", Header(id="M-99", title="anything", patch=patches))


def test_the_graft_holds_the_change_and_the_original_does_not(tmp_path: Path) -> None:
    path = tmp_path / "M-99-wide.toml"
    path.write_text(SOUND, encoding="utf-8")
    before = (POS / "receipts.py").read_text(encoding="utf-8")

    graft(load(path, "defect"), POS, INTEGRATION, tmp_path / "till")

    assert "WIDTH: Final = 44" in (tmp_path / "till/cardpresent/reference_pos/receipts.py").read_text(encoding="utf-8")
    assert (POS / "receipts.py").read_text(encoding="utf-8") == before


def test_the_graft_reads_its_own_copy_and_can_import_nothing_of_the_suite(tmp_path: Path) -> None:
    changed = Patch("words.py", "HEADLINE: Final = {", "GRAFTED = True\nHEADLINE: Final = {")
    graft(seeded(changed), POS, INTEGRATION, tmp_path)
    program = """
import importlib.util
import cardpresent, cardpresent.reference_pos.__main__, cardpresent.reference_pos.words as words
print(words.GRAFTED, words.__file__, list(cardpresent.__path__))
for name in ("model", "checks", "evidence", "gateway", "emulator", "actors"):
    assert importlib.util.find_spec(f"cardpresent.{name}") is None, name
"""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"True {tmp_path.resolve()}")


@pytest.mark.parametrize(
    ("patch", "complaint"),
    [
        (Patch("receipts.py", "nowhere in the file", ""), "the old text occurs 0 times in receipts.py"),
        (Patch("receipts.py", "sale", ""), r"the old text occurs \d+ times in receipts.py, it must occur once"),
        (Patch("nothing.py", "", ""), "the till has no file nothing.py"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(patch: Patch, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(DefectError, match=f"M-99-anything.toml: {complaint}"):
        graft(seeded(patch), POS, INTEGRATION, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('requirement = "FD-73"\ncheck', "check", "requirement"),
        ('severity = "S3"', 'severity = "S3"\nprobability = 3', "probability"),
        ('class = "FD-73"\n', "", "a defect says beforehand its class, what must turn red, and where"),
        ('id = "M-99"', "id = ", "Invalid value"),
    ],
)
def test_a_header_that_is_not_sound_is_refused_by_name(old: str, new: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "M-99-wide.toml"
    path.write_text(SOUND.replace(old, new), encoding="utf-8")

    with pytest.raises(DefectError, match=f"M-99-wide.toml: .*{re.escape(complaint)}"):
        load(path, "defect")


def test_a_harmless_variant_foretells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "B-9-wide.toml"
    path.write_text(SOUND, encoding="utf-8")

    with pytest.raises(DefectError, match="a harmless variant turns nothing red"):
        load(path, "benign")
