"""README.md is true: its tables are those of the register, and every command in it exists."""

import importlib
import re

import click
import pytest

from cardpresent.cli.main import COMMANDS
from cardpresent.model.outcome import Exit
from cardpresent.profile import load
from tests.ground import readme
from tests.ground.project_files import ROOT

TEXT = readme.README.read_text(encoding="utf-8")
DOCS = "\n".join([TEXT, *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))])
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def command(name: str) -> click.Command:
    found = getattr(importlib.import_module(COMMANDS[name][0]), name.replace("-", "_"))
    assert isinstance(found, click.Command)
    return found


def options(name: str) -> set[str]:
    """The long options of a command."""
    return {option for given in command(name).params for option in given.opts if option.startswith("--")}


def mentioned(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_the_made_parts_are_as_the_code_has_them_now() -> None:
    made = {"checked": readme.checked(), "fidelity": readme.fidelity()}

    assert readme.with_blocks(TEXT, made) == TEXT, "renew them: .venv/bin/python -m tests.ground.readme"


def test_the_run_shown_is_one_that_certified() -> None:
    shown = TEXT.split("<!-- run -->")[1].split("<!-- /run -->")[0]

    assert "$ make certify\n" in shown
    assert re.search(r"^Certified: .+, \d+ of \d+ musts met", shown, re.MULTILINE)


def test_the_picture_is_there_and_no_burden() -> None:
    assert "](docs/certificate.png)" in TEXT
    assert readme.PICTURE.read_bytes().startswith(b"\x89PNG")
    assert 10_000 < readme.PICTURE.stat().st_size < 400_000


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)", TEXT))))
def test_every_make_target_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"echo '  make ([a-z-]+) ", MAKEFILE))))
def test_every_target_that_make_offers_is_named(target: str) -> None:
    assert f"make {target}" in TEXT


def test_every_command_named_exists() -> None:
    named = set(re.findall(r"(?:^ {4}|`)cardpresent ([a-z]+)", TEXT, re.MULTILINE))

    assert {"certify", "explain", "emulate"} <= named
    assert named <= set(COMMANDS)


def test_every_option_named_exists() -> None:
    here = {"--run"}  # of tests.ground.readme itself
    known = set().union(*(options(name) for name in COMMANDS)) | here

    assert mentioned(TEXT) <= known


@pytest.mark.parametrize("name", ["certify", "emulate", "init", "prove", "run"])
def test_every_option_of_a_command_is_explained(name: str) -> None:
    assert options(name) - mentioned(DOCS) == set()


def test_every_exit_code_is_explained() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE)} == {int(code) for code in Exit}


def test_the_file_that_describes_a_till_can_be_loaded(tmp_path) -> None:
    example = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "cardpresent.toml"
    path.write_text(example[0], encoding="utf-8")

    till = load(path)

    assert len(example) == 1
    assert set(till.operations) == {"list_readers", "sale_state", "start_sale"}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))))
def test_every_link_within_the_project_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
