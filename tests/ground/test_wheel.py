"""The wheel carries the whole suite, inside the one package it installs."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser

import pytest

from tests.ground.project_files import ROOT, project_files

SUITE = "cardpresent/suite"
CARRIED = ("features", "steps", "fixtures", "load", "reports/certificate", "reports/allure")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (path,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(zipfile.Path(wheel, path).read_text(encoding="utf-8"))


def inside(folder: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in project_files(folder)}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in requirements}


def test_only_cardpresent_is_installed(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"cardpresent"}
    assert len(tops) == 2


def test_the_shims_travel_in_every_language(wheel: zipfile.ZipFile) -> None:
    shims = inside("cardpresent/launch/shims")

    assert {name.rpartition(".")[2] for name in shims} >= {"cjs", "py", "rb", "php", "ini"}
    assert shims - set(wheel.namelist()) == set()
    assert wheel.getinfo("cardpresent/launch/shims/php/bin/php").external_attr >> 16 & 0o111, "it is called by its name"


@pytest.mark.parametrize("folder", CARRIED)
def test_the_suite_travels_whole(wheel: zipfile.ZipFile, folder: str) -> None:
    carried = {name for name in wheel.namelist() if name.startswith(f"{SUITE}/{folder}/")}

    assert carried == {f"{SUITE}/{name}" for name in inside(folder)}
    assert carried


@pytest.mark.parametrize(
    "name", ["conftest.py", "reports/pytest.ini", "features/requirements.toml", "docs/cardpresent.schema.json"]
)
def test_what_the_suite_runs_on_travels_with_it(wheel: zipfile.ZipFile, name: str) -> None:
    assert f"{SUITE}/{name}" in wheel.namelist()


def test_every_module_of_the_package_is_in_it(wheel: zipfile.ZipFile) -> None:
    assert inside("cardpresent") <= set(wheel.namelist())


def test_nothing_of_the_workshop_is_in_it(wheel: zipfile.ZipFile) -> None:
    unwanted = ("__pycache__", ".pyc", "/tests/", "/reports/out/", ".venv", ".git")

    assert [name for name in wheel.namelist() if any(part in name for part in unwanted)] == []


def test_the_metadata_says_what_pyproject_says(metadata: Message) -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]

    assert (metadata["Name"], metadata["Version"]) == (project["name"], project["version"])
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert names(metadata.get_all("Requires-Dist", [])) == names(project["dependencies"])


def test_the_command_is_declared_and_the_licence_enclosed(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]

    declared = zipfile.Path(wheel, entry_points).read_text(encoding="utf-8")

    assert "cardpresent = cardpresent.cli.main:main" in declared
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
