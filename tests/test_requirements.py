"""The register holds every line it should, each well formed, and a damaged register is refused by name."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cardpresent.model.requirement import Register, RegisterError, Requirement

PATH = Path(__file__).parents[1] / "features" / "requirements.toml"
REGISTER = Register.load(PATH)

LINES_OF_CHECKLIST_ITEM = {1: 6, 2: 3, 3: 4, 4: 3, 5: 5, 6: 5, 7: 4, 8: 4, 9: 1}
CHECKLIST = [f"DC-{item:02}.{line}" for item, lines in LINES_OF_CHECKLIST_ITEM.items() for line in range(1, lines + 1)]
GUIDES = [f"EX-{number:02}" for number in range(1, 39)]
FIELD = [f"FD-{number:02}" for number in range(1, 83)]
SHOULD_BY_DESIGN = {"EX-03", "EX-04", "EX-12", "EX-24", "EX-31", "EX-35", "EX-36"}

GOOD = """
revision = "2026.11"
[applies.kind]
meaning = "How the till talks to its readers."
values = ["sdk", "js"]
[applies.country]
meaning = "The merchant's country."
[[requirement]]
id = "DC-01.3"
statement = "The connection-token endpoint answers only staff of the shop."
level = "must"
severity = "S1"
source = "https://docs.stripe.com/terminal/references/checklist"
known = "documented"
applies = { kind = ["sdk"], country = ["US"] }
"""

each = pytest.mark.parametrize("requirement", list(REGISTER), ids=lambda requirement: requirement.id)


def load(tmp_path: Path, text: str) -> Register:
    path = tmp_path / "register.toml"
    path.write_text(text, encoding="utf-8")
    return Register.load(path)


def test_the_register_holds_exactly_the_lines_of_checklist_guides_and_field_in_order() -> None:
    assert [requirement.id for requirement in REGISTER] == CHECKLIST + GUIDES + FIELD
    assert len(REGISTER) == 35 + 38 + 82


def test_of_checklist_and_guides_exactly_the_agreed_lines_are_only_recommended() -> None:
    should = {requirement.id for requirement in REGISTER if requirement.level == "should"}
    assert {line for line in should if not line.startswith("FD")} == SHOULD_BY_DESIGN | {
        line for line in CHECKLIST if line.startswith("DC-08")
    }


@each
def test_level_and_severity_are_from_their_closed_lists(requirement: Requirement) -> None:
    assert requirement.level in {"must", "should"}
    assert requirement.severity in {"S1", "S2", "S3"}
    assert not (requirement.level == "should" and requirement.severity == "S1"), "wrong money is never a mere should"


@each
def test_a_source_is_a_public_https_address(requirement: Requirement) -> None:
    source = urlsplit(requirement.source)
    assert source.scheme == "https"
    assert source.hostname in {"docs.stripe.com", "github.com"}
    if source.hostname == "github.com":
        assert re.fullmatch(r"/[\w.-]+/[\w.-]+/issues/\d+", source.path)


@each
def test_statement_reason_and_fix_are_one_sentence_each(requirement: Requirement) -> None:
    for text in (requirement.statement, requirement.untested, requirement.usual_fix):
        if text is not None:
            assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", text), text
            assert not re.search(r"[.!?]\s", text), text


def test_no_two_requirements_say_the_same() -> None:
    statements = [requirement.statement for requirement in REGISTER]
    assert len(set(statements)) == len(statements)


def test_a_line_tells_how_it_is_selected_and_mended() -> None:
    assert REGISTER["FD-45"].applies == {"country": ("US",), "capability": ("tip_on_receipt",)}
    assert REGISTER["EX-20"].applies == {}
    assert REGISTER["FD-01"].untested is None
    assert "FD-99" not in REGISTER
    assert REGISTER.revision == "2026.11"
    assert "tip_on_reader" in REGISTER.answers["capability"].values


def test_a_small_register_is_read_with_its_optional_keys_absent(tmp_path: Path) -> None:
    register = load(tmp_path, GOOD)
    assert register["DC-01.3"].applies == {"kind": ("sdk",), "country": ("US",)}
    assert register["DC-01.3"].untested is None
    assert register["DC-01.3"].usual_fix is None


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param('level = "must"', 'level = "must"\nowner = "us"', "DC-01.3: key owner: unknown", id="unknown key"),
        pytest.param('level = "must"\n', "", "DC-01.3: key level: missing", id="missing key"),
        pytest.param('id = "DC-01.3"\n', "", "requirement number 1: key id: missing", id="missing id"),
        pytest.param('"DC-01.3"', '"TERM-1"', "TERM-1: key id: is 'TERM-1'", id="id of another shape"),
        pytest.param('"must"', '"shall"', "DC-01.3: key level: is 'shall'", id="unknown level"),
        pytest.param('"S1"', '"S0"', "DC-01.3: key severity: is 'S0'", id="unknown severity"),
        pytest.param('"documented"', '"heard"', "DC-01.3: key known: is 'heard'", id="unknown kind of knowledge"),
        pytest.param("https://docs", "http://docs", "DC-01.3: key source: is 'http://", id="source not https"),
        pytest.param(
            'level = "must"', 'level = "must"\nuntested = " "', "DC-01.3: key untested: is ' '", id="no reason"
        ),
        pytest.param('["sdk"]', '["SDK"]', "DC-01.3: applies: key kind: names 'SDK'", id="answer nobody can give"),
        pytest.param('["sdk"]', "[]", "DC-01.3: applies: key kind: is []", id="no answer"),
        pytest.param("{ kind", "{ size", "DC-01.3: applies: key size: unknown", id="question nobody asks"),
        pytest.param('revision = "2026.11"', "", "the register: key revision: missing", id="no revision"),
        pytest.param(
            'revision = "2026.11"', 'revision = "1"\nold = 1', "the register: key old: unknown", id="top level"
        ),
        pytest.param('meaning = "The', 'sense = "The', "applies.country: key sense: unknown", id="question key"),
        pytest.param("[[requirement]]", "[[requirement", "not valid TOML", id="broken syntax"),
    ],
)
def test_a_damaged_register_is_refused_by_file_line_and_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(RegisterError) as refusal:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(refusal.value).startswith(f"{tmp_path / 'register.toml'}: {named}")
    assert "; " in str(refusal.value), "it says what to do"


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    again = GOOD[GOOD.index("[[requirement]]") :]
    with pytest.raises(RegisterError, match=r"register\.toml: DC-01\.3: key id: used twice; give one"):
        load(tmp_path, GOOD + again)


def test_a_register_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"nowhere\.toml: .*; give the path"):
        Register.load(tmp_path / "nowhere.toml")
