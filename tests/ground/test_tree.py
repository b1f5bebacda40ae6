"""What no file of the project may hold, and which files it must have."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ground.project_files import ROOT, project_files

# Written in pieces, for this file is searched too.
REGISTRY_HOSTS = re.compile(
    r"(pypi|pythonhosted|debian|crates|rubygems)\.(org|io)|registry\.npm" + r"js", re.IGNORECASE
)
UNDONE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
KEYS = re.compile(r"\b[rs]k_" + r"live_[0-9A-Za-z]{20,}")


def lines() -> Iterator[tuple[str, str]]:
    """(place, line) for every line of every text file."""
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def places(pattern: re.Pattern[str]) -> list[str]:
    return [f"{place}: {line.strip()[:120]}" for place, line in lines() if pattern.search(line)]


def test_no_file_names_a_package_registrys_host() -> None:
    assert places(REGISTRY_HOSTS) == []


def test_no_file_names_a_path_of_this_machine() -> None:
    here = [f"{folder}/" for folder in (ROOT, ROOT.parent, Path.home()) if len(folder.parts) > 1]

    assert places(re.compile("|".join(map(re.escape, here)))) == []


def test_no_file_promises_to_be_finished_later() -> None:
    assert places(UNDONE) == []


def test_no_file_holds_anything_like_a_live_key() -> None:
    assert places(KEYS) == []


def python_files() -> dict[str, Path]:
    return {path.relative_to(ROOT).as_posix(): path for path in project_files() if path.suffix == ".py"}


def test_no_python_file_is_longer_than_500_lines() -> None:
    counts = {name: len(path.read_bytes().splitlines()) for name, path in python_files().items()}

    assert {name: count for name, count in counts.items() if count > 500} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

    assert [name for name, path in python_files().items() if path.stem in empty_words] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        ".ci/run",
        "conftest.py",
        "requirements.lock",
        "docs/ARCHITECTURE.md",
        "docs/adding-a-requirement.md",
        "docs/emulator.md",
        "docs/integrations.md",
        "load/README.md",
    ],
)
def test_a_document_that_people_look_for_is_there(name: str) -> None:
    assert (ROOT / name).is_file()
    assert (ROOT / name).stat().st_size > 0


def test_every_test_that_starts_a_browser_is_in_a_file_that_make_test_runs_apart() -> None:
    tests = [path for path in project_files() if path.name.startswith("test_") and path.parent != Path(__file__).parent]
    starts_a_browser = re.compile(r"PagePos|Chromium\(|sync_playwright")

    starting = {path.name for path in tests if starts_a_browser.search(path.read_text(encoding="utf-8"))}

    assert {name for name in starting if "page" not in name} == set()


def test_the_ci_script_runs_what_the_makefile_offers() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    called = re.findall(r"^make (\S+) \|\| status=1$", script, re.MULTILINE)

    assert set(called) == {"lint", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in called)


def test_every_package_of_the_lock_has_a_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
