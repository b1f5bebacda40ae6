"""A till that holds rows is driven with consent alone; one that can be emptied is, before the first sale."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.running import PAID, Bench, Ended, stands_incomplete


def with_data(file: Path, data: str) -> Path:
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[data]\n{data}\n", encoding="utf-8")
    return file


def controls(ended: Ended, what: str) -> list[dict[str, object]]:
    entries = map(json.loads, (ended.out / "journal.jsonl").read_text(encoding="utf-8").splitlines())
    return [e for e in entries if e["kind"] == "control" and e["data"]["what"] == what]


def page(ended: Ended) -> str:
    return (ended.out / "certificate.html").read_text(encoding="utf-8")


def test_a_till_that_holds_rows_is_not_started_without_consent(bench: Bench, till: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", with_data(till("naive_till"), "holds_rows = true"), "--select", PAID)

    assert ended.code == 3
    ended.says("data.consent", "nobody has consented")
    stands_incomplete(ended)
    assert "It holds rows, and nobody consented to a run: it was not driven." in page(ended)
    assert (ended.out / "journal.jsonl").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(("said", "told"), [('"Ada Lovelace"', "Ada Lovelace"), ("true", "its owner")])
def test_one_whose_owner_consents_is_driven_and_its_certificate_says_who_did(
    bench: Bench, till: Callable[..., Path], said: str, told: str
) -> None:
    file = with_data(till("naive_till"), f"holds_rows = true\nconsent = {said}")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.outcomes() == {PAID: "passed"}
    assert f"It held rows before the run, to which {told} consented." in page(ended)


def test_a_till_is_emptied_before_its_first_sale(bench: Bench, till: Callable[..., Path]) -> None:
    data = 'reset = { method = "GET", path = "/readers" }\nreset_command = ["touch", "emptied"]'
    file = with_data(till("naive_till", ('cwd = "', f'cwd = "{bench.folder}" # ')), data)
    file.write_text(file.read_text(encoding="utf-8").replace("naive_till.py", str(_program())), encoding="utf-8")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.outcomes() == {PAID: "passed"}
    assert (bench.folder / "emptied").exists()
    (reset,) = controls(ended, "reset")
    assert reset["data"] == {"what": "reset", "done": True, "status": 200}
    assert "Its data was emptied first, as its file says." in page(ended)


def _program() -> Path:
    return Path(__file__).resolve().parents[2] / "fixtures" / "tills" / "naive_till.py"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('reset = { method = "POST", path = "/nowhere" }', ("data.reset", "answered 404", "correct the request")),
        ('reset_command = ["false"]', ("data.reset_command", "exited with 1")),
    ],
)
def test_a_reset_that_does_not_work_ends_the_run_before_its_first_sale(
    bench: Bench, till: Callable[..., Path], data: str, told: tuple[str, ...]
) -> None:
    ended = bench.certify("--integration", with_data(till("naive_till"), data), "--select", PAID)

    assert ended.code == 3
    ended.says(*told)
    stands_incomplete(ended)
