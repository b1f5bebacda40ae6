"""Each template loads once its questions are answered, and works a till of its shape without a line of code."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.profile import load
from cardpresent.profile.drafting import drafted, questions_of
from tests.certify.running import PAID, Bench
from tests.templates.conftest import ANSWERS, TEMPLATES

CANCELLED = "A cancelled sale clears the reader and charges nothing"
AGAIN = "Another card can pay after a decline"
TWICE = "A sale submitted twice at once is charged once"
WALKED = "A reader that nobody pays at is cleared at the till's own deadline"
UNWATCHED = "A sale is finished although its page is closed and every webhook is lost"


def chosen(*titles: str) -> list[str]:
    return [word for title in titles for word in ("--select", title)]


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("started", [True, False], ids=["started by the run", "running already"])
@pytest.mark.parametrize("base_env", ["STRIPE_API_BASE", None], ids=["with a base URL", "without"])
def test_a_template_loads_once_its_questions_are_answered(tmp_path, name, started, base_env):
    where = {"command": ("node", "server.js"), "base_url": None} if started else {
        "command": None, "base_url": "http://127.0.0.1:4242", "port_env": None, "key_env": None
    }  # fmt: skip
    answers = {**ANSWERS, "started": started, "base_env": base_env if started else None, **where}
    path = tmp_path / "cardpresent.toml"
    path.write_text(drafted(TEMPLATES[name], answers), encoding="utf-8")

    till = load(path)

    assert (till.till.name, till.till.currencies) == ("small till", ("usd",))
    assert questions_of(TEMPLATES[name]) <= set(answers)
    assert TEMPLATES[name].says.endswith(".")


def test_there_is_a_template_for_every_shape_of_till():
    shapes = {"server_driven_json", "sdk_backend", "js_sdk_page", "form_till", "blocking"}

    assert set(TEMPLATES) == shapes


def test_an_answer_is_written_as_toml_whatever_it_holds(tmp_path):
    odd = {**ANSWERS, "name": 'Zoë\'s "corner" \\ shop', "command": ("a b", 'c"d')}
    path = tmp_path / "cardpresent.toml"
    path.write_text(drafted(TEMPLATES["blocking"], odd), encoding="utf-8")

    till = load(path)

    assert (till.till.name, till.process.command) == (odd["name"], odd["command"])


def test_a_server_that_creates_processes_polls_and_captures(bench: Bench, written: Callable[..., Path]) -> None:
    file = written("server_driven_json", "server_driven")

    ended = bench.certify("--integration", file, *chosen(PAID, CANCELLED, AGAIN))

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed", AGAIN: "passed"}


def test_a_till_of_pages_and_forms(bench: Bench, written: Callable[..., Path]) -> None:
    file = written("form_till", "form_till")

    ended = bench.certify("--integration", file, *chosen(PAID, CANCELLED))

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed"}
    journal = (ended.out / "journal.jsonl").read_text(encoding="utf-8")
    assert '"found":{"payment_intent":"newest"}' in journal
    assert '"method":"newest"' in journal


def test_a_till_that_answers_when_all_is_over(bench: Bench, written: Callable[..., Path]) -> None:
    file = written("blocking", "blocking")

    ended = bench.certify("--integration", file, *chosen(PAID, CANCELLED, TWICE))

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed", TWICE: "failed"}
    found = {f["check"] for f in ended.scenario(TWICE)["findings"] if f["holds"] is False}
    assert "invariants.one_live_payment" in found


def test_a_till_that_taps_by_itself_is_not_tapped_twice(bench: Bench, written: Callable[..., Path]) -> None:
    file = written("blocking", "blocking", ('taps = "suite"', 'taps = "till"'), TAPS="1")

    ended = bench.certify("--integration", file, *chosen(PAID, CANCELLED, AGAIN, WALKED))

    why = "till.taps = till: the till presents its card by"
    assert ended.outcomes() == {
        PAID: "passed", CANCELLED: "not_demonstrated", WALKED: "not_demonstrated",
        AGAIN: "not_demonstrated",
    }  # fmt: skip
    assert why in ended.scenario(WALKED)["reason"]
    assert "before anybody can cancel" in ended.scenario(CANCELLED)["reason"]


def test_a_till_that_taps_by_itself_unsaid_is_a_fault_of_its_file(bench: Bench, written: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", written("blocking", "blocking", TAPS="1"), *chosen(PAID))

    assert ended.code == 3
    assert 'write till.taps = "till"' in ended.scenario(PAID)["reason"]


def test_a_till_that_captures_when_its_page_looks(bench: Bench, written: Callable[..., Path]) -> None:
    looks = (
        ('captures = "cashier"', 'captures = "till"'),
        ("every_ms = 100", "every_ms = 200, captures = true"),
    )
    file = written("server_driven_json", "server_driven", *looks, LOOKS="1")

    ended = bench.certify("--integration", file, *chosen(PAID, UNWATCHED))

    assert ended.outcomes() == {PAID: "passed", UNWATCHED: "failed"}


def test_a_page_that_has_given_up_looking_captures_nothing(bench: Bench, written: Callable[..., Path]) -> None:
    looks = (
        ('captures = "cashier"', 'captures = "till"'),
        ("every_ms = 100", "every_ms = 200, within_s = 0.1, captures = true"),
    )
    file = written("server_driven_json", "server_driven", *looks, LOOKS="1")

    ended = bench.certify("--integration", file, *chosen(PAID))

    assert ended.outcomes() == {PAID: "failed"}


def test_the_backend_of_an_app_that_the_suite_plays(bench: Bench, written: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", written("sdk_backend", "sdk_backend"), *chosen(PAID, CANCELLED, AGAIN))

    assert ended.outcomes() == {PAID: "passed", CANCELLED: "passed", AGAIN: "passed"}
    assert "the app is played by the suite" in ended.report["reliance"]["sdk"]


def test_a_backend_that_asks_for_too_little_is_found_out_through_the_app(
    bench: Bench, written: Callable[..., Path]
) -> None:
    ended = bench.certify("--integration", written("sdk_backend", "sdk_backend", LEAKS="1"), *chosen(PAID))

    assert ended.outcomes() == {PAID: "failed"}


@pytest.mark.parametrize(
    "template, program, changes, env",
    [
        ("server_driven_json", "server_driven", (), {}), ("blocking", "blocking", (), {}),
        ("blocking", "blocking", (('taps = "suite"', 'taps = "till"'),), {"TAPS": "1"}),
        ("form_till", "form_till", (), {}), ("sdk_backend", "sdk_backend", (), {}),
    ],
    ids=["JSON", "blocking", "blocking and tapping", "forms", "backend of an app"],
)  # fmt: skip
def test_the_doctor_finds_nothing_wrong_with_it(
    bench: Bench, written: Callable[..., Path], template: str, program: str, changes: tuple, env: dict[str, str]
) -> None:
    ended = bench.run("doctor", "--integration", written(template, program, *changes, **env))

    assert ended.code == 0, ended.stdout
    assert "All is well." in ended.stdout
