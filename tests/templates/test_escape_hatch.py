"""A till that no file can describe is worked by a class of the team's own, whose mistakes are never the till's."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.running import PAID, Bench
from tests.templates.conftest import ROOT, TILLS

EXAMPLE = ROOT / "fixtures" / "adapters"
CANCELLED = "A cancelled sale clears the reader and charges nothing"


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., Path]:
    """The example's file and class, copied, with parts of the class replaced."""

    def write(*changes: tuple[str, str]) -> Path:
        toml = (EXAMPLE / "signed_till.toml").read_text(encoding="utf-8")
        code = (EXAMPLE / "signed_pos.py").read_text(encoding="utf-8")
        for old, new in changes:
            assert (toml + code).count(old) == 1, old
            toml, code = toml.replace(old, new), code.replace(old, new)
        (tmp_path / "signed_pos.py").write_text(code, encoding="utf-8")
        path = tmp_path / "signed_till.toml"
        path.write_text(toml.replace('"signed_till.py"', f'"{TILLS / "signed_till.py"}"'), encoding="utf-8")
        return path

    yield write
    shutil.rmtree(tmp_path / "__pycache__", ignore_errors=True)


def test_the_example_works_its_till(bench: Bench, example: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", example(), "--select", PAID, "--select", CANCELLED)

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed"}


@pytest.mark.parametrize(
    "change, said",
    [
        (("        return PosReply(", "        return bool("), "raised TypeError"),
        (("outcome=outcome, standing", "outcome='paid', standing"), "put str into outcome, expected an Outcome"),
        (('STANDS.get(answer.get("state"), UNKNOWN)', "1 / 0"), "raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_class_that_breaks_its_contract_is_a_fault_of_the_configuration(
    bench: Bench, example: Callable[..., Path], change: tuple[str, str], said: str
) -> None:
    ended = bench.certify("--integration", example(change), "--select", PAID)

    scenario = ended.scenario(PAID)
    assert ended.code == 3
    assert (scenario["outcome"], scenario["party"]) == ("config_error", "configuration")
    assert scenario["reason"].startswith("SignedPos.start_sale ") and said in scenario["reason"]
    assert not [finding for finding in scenario["findings"] if finding["holds"] is False]
    ended.has_no_trace()


@pytest.mark.parametrize(
    "change, said",
    [
        (("signed_pos.py:SignedPos", "gone.py:SignedPos"), "there is no gone.py beside the file; correct the name"),
        (("signed_pos.py:SignedPos", "signed_pos.py:Other"), "define class Other in it"),
        (("import hashlib\n", "import hashlib, no_such_module\n"), "ModuleNotFoundError: No module named"),
        (("def __init__(self, http, run):", "def __init__(self):"), "TypeError: "),
        (("signed_pos.py:SignedPos", "SignedPos"), "adapter.python: is \"SignedPos\"; mend it"),
    ],
)
def test_a_class_that_cannot_be_had_stops_the_run_with_one_sentence(
    bench: Bench, example: Callable[..., Path], change: tuple[str, str], said: str
) -> None:
    ended = bench.certify("--integration", example(change), "--select", PAID)

    assert ended.code == 3
    ended.says("adapter.python: ", said)
    assert not bench.alive()


def test_the_example_is_the_only_code_beside_an_integration_file() -> None:
    folders = [ROOT / "fixtures" / name for name in ("integrations", "templates", "adapters")]
    beside = [path.name for folder in folders for path in folder.iterdir() if path.suffix not in {".toml", ""}]

    assert beside == ["signed_pos.py"]
