"""What a seeded defect or a harmless variant says of itself is sound, and its patch fits the till as it is now."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from cardpresent.cli.selection import listed
from cardpresent.model.requirement import Register
from cardpresent.prove.defect import Seeded
from cardpresent.prove.graft import graft
from tests.ground.project_files import ROOT
from tests.prove.shipped import INTEGRATION, POS, seeded

DEFECTS = [one for one in seeded() if one.kind == "defect"]
EVERY = seeded()


def named(one: Seeded) -> str:
    return one.id


@cache
def lines() -> Register:
    return Register.load(ROOT / "features" / "requirements.toml")


@cache
def scenarios() -> set[str]:
    return {scenario.id for scenario in listed(ROOT)}


@cache
def checks() -> set[str]:
    """Every name under which a check of the suite reports."""
    folders = ("cardpresent/checks", "cardpresent/actors", "steps")
    texts = [path for folder in folders for path in (ROOT / folder).glob("*.py")]
    return {name for path in texts for name in re.findall(r'"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))}


def test_there_are_twenty_defects_of_nine_classes_at_least() -> None:
    assert len(DEFECTS) >= 20
    assert len({one.header.defect_class for one in DEFECTS}) >= 9
    assert all(one.header.defect_class in lines() for one in DEFECTS)


def test_there_are_five_harmless_variants_at_least() -> None:
    assert len(EVERY) - len(DEFECTS) >= 5


def test_no_two_have_the_same_id_or_title() -> None:
    assert [id for id, count in Counter(one.id for one in EVERY).items() if count > 1] == []
    assert [title for title, count in Counter(one.header.title for one in EVERY).items() if count > 1] == []


@pytest.mark.parametrize("one", EVERY, ids=named)
def test_a_file_is_named_after_its_id_and_says_what_and_why(one: Seeded) -> None:
    assert one.path.stem.startswith(f"{one.id}-")
    assert one.id.startswith("M-" if one.kind == "defect" else "B-")
    assert len(one.header.title.split()) > 5
    assert one.header.why.endswith(".")


@pytest.mark.parametrize("one", DEFECTS, ids=named)
def test_what_is_foretold_is_a_line_of_the_register_that_scenarios_decide(one: Seeded) -> None:
    assert one.header.expected is not None

    assert lines()[one.header.expected.requirement].untested is None
    assert one.header.severity in ("S1", "S2", "S3")


@pytest.mark.parametrize("one", DEFECTS, ids=named)
def test_the_check_foretold_is_one_of_the_suites(one: Seeded) -> None:
    assert one.header.expected is not None

    assert one.header.expected.check in checks()


@pytest.mark.parametrize("one", DEFECTS, ids=named)
def test_the_scenarios_named_are_in_the_features(one: Seeded) -> None:
    assert set(one.header.scenarios) <= scenarios()


@pytest.mark.parametrize("one", EVERY, ids=named)
def test_the_patch_fits_the_till_and_leaves_valid_python(one: Seeded, tmp_path: Path) -> None:
    graft(one, POS, INTEGRATION, tmp_path)

    package = tmp_path / "cardpresent" / "reference_pos"
    for path in (package / patch.file for patch in one.header.patch if patch.file.endswith(".py")):
        compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)


@pytest.mark.parametrize("one", EVERY, ids=named)
def test_the_patch_changes_the_files_it_names_and_no_other(one: Seeded, tmp_path: Path) -> None:
    file = graft(one, POS, INTEGRATION, tmp_path)

    package = tmp_path / "cardpresent" / "reference_pos"
    mine = {path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.is_file()}
    changed = {name for name, path in mine.items() if path.read_bytes() != (POS / name).read_bytes()}
    changed |= {file.name} if file.read_bytes() != INTEGRATION.read_bytes() else set()
    assert changed == {patch.file for patch in one.header.patch}


@pytest.mark.parametrize("one", DEFECTS, ids=named)
def test_a_defect_is_in_the_till_and_not_in_how_it_is_described(one: Seeded) -> None:
    assert all(patch.file.endswith((".py", ".html")) for patch in one.header.patch)
