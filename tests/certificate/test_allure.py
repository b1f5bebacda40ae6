"""The Allure view: what the bridge puts into results while pytest runs, and what is written beside them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cardpresent.certificate.allure_extras import rebuild_results, write_allure_extras
from cardpresent.certificate.report import read_report

FEATURE = """\
@DC-02.2
Feature: Capture
  What is authorised is collected.

  Rule: Money is taken once
    @FD-04 @ours
    Scenario: A sale sent twice is charged once
      Given a basket
        | item | price |
        | tea  | 2.50  |
      When the till is told
        \"\"\"
        charge it
        \"\"\"
      Then it is paid

    Scenario: It breaks
      Given a basket
      When the till breaks
      Then it is paid

    Scenario: It fails
      Given a basket
      When the till fails
      Then it is paid
      And it is paid

    Scenario: It is not defined
      Given a basket
      When nobody knows this
      Then it is paid

    Scenario Outline: A row
      Given a basket
      Then <who> is paid

      Examples:
        | who |
        | it  |
"""
CONFTEST = """\
from types import MappingProxyType
import pytest
from pytest_bdd import given, parsers, then, when
from cardpresent.certificate.allure_bridge import AllureBridge, attach_exchange
from cardpresent.model.requirement import Register, Requirement

def line(identifier, severity):
    return Requirement(identifier, "holds", "must", severity, "https://docs.stripe.com/" + identifier, "documented", {})

def pytest_configure(config):
    lines = {each.id: each for each in (line("DC-02.2", "S2"), line("FD-04", "S1"))}
    register = Register("1", MappingProxyType({}), MappingProxyType(lines))
    clean = lambda text: text.replace("sk_test_CANARY", "[removed]")
    config.pluginmanager.register(AllureBridge(register, clean))

def pytest_bdd_apply_tag(tag, function):
    return True

class Key:
    def __repr__(self):
        return "sk_test_CANARY"

@pytest.fixture
def key():
    return Key()

@given("a basket")
def basket(key):
    pass

@when("the till is told")
def told(key):
    reply = {"n": 2, "kind": "reply", "wire": "stripe", "actor": "till", "begin_ms": 5.0, "end_ms": 25.0,
             "scenario": None, "sale": None, "data": {"request": 1, "status": 200, "body": {"id": "pi_1"}}}
    attach_exchange([reply])

@when("the till breaks")
def breaks(key):
    raise KeyError("sk_test_CANARY")

@when("the till fails")
def fails(key):
    assert False, "FD-04: expected one charge, observed two with sk_test_CANARY"

@then("it is paid")
@then(parsers.parse("{who} is paid"))
def paid(key):
    pass
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a run of five small scenarios, tidied as certify tidies it."""
    folder = tmp_path_factory.mktemp("allure")
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "capture.feature").write_text(FEATURE, encoding="utf-8")
    (folder / "test_features.py").write_text('from pytest_bdd import scenarios\nscenarios("capture.feature")\n')
    off = ["-p", "no:locust", "-p", "no:allure_pytest_bdd", "-p", "no:asyncio", "-p", "no:cacheprovider"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *off,
        "--alluredir",
        "allure-results",
        "-c",
        os.devnull,
        "--rootdir=.",
    ]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "3 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    return folder


def clean(said: Any) -> Any:
    return json.loads(json.dumps(said).replace("sk_test_CANARY", "[removed]"))


@pytest.fixture(scope="module")
def tidy(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tidy")
    shutil.copytree(results / "allure-results", out / "allure-results")
    report = {
        "till": {"name": "Bakery\nEvil=1", "build": None},
        "verdict": "refused",
        "venue": "emulator",
        "register_revision": "2026.11",
        "seed": "7f3a",
        "run": "r1",
        "versions": {"cardpresent": "0.1.0"},
    }
    write_allure_extras(out, report, clean)
    return out / "allure-results"


@pytest.fixture
def result(tidy: Path) -> dict[str, dict[str, Any]]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in tidy.glob("*-result.json")]
    return {each["name"]: each for each in found}


def steps(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["name"], step["status"]) for step in result["steps"]]


def labels(result: dict[str, Any], name: str) -> list[str]:
    return sorted(label["value"] for label in result["labels"] if label["name"] == name)


def test_a_scenario_shows_its_title_feature_rule_and_requirements(result: Any) -> None:
    shown = result["A sale sent twice is charged once"]

    assert shown["description"] == "What is authorised is collected."
    assert labels(shown, "feature") == ["Capture"]
    assert labels(shown, "story") == ["Money is taken once"]
    assert labels(shown, "requirement") == ["DC-02.2", "FD-04"]
    assert labels(shown, "severity") == ["blocker"]
    assert labels(shown, "tag") == []
    assert {link["url"] for link in shown["links"]} == {
        "https://docs.stripe.com/DC-02.2",
        "https://docs.stripe.com/FD-04",
    }


def test_each_step_is_listed_once_whatever_became_of_it(result: Any) -> None:
    assert [status for _, status in steps(result["A sale sent twice is charged once"])] == ["passed"] * 3
    assert [status for _, status in steps(result["It breaks"])] == ["passed", "broken", "skipped"]
    assert [status for _, status in steps(result["It fails"])] == ["passed", "failed", "skipped", "skipped"]
    assert steps(result["It is not defined"]) == [
        ("Given a basket", "passed"),
        ("When nobody knows this", "broken"),
        ("Then it is paid", "skipped"),
    ]


def test_tables_texts_and_exchanges_are_attached_where_they_belong(result: Any, tidy: Path) -> None:
    given, when, _ = result["A sale sent twice is charged once"]["steps"]
    read = {
        each["name"]: (tidy / each["source"]).read_text(encoding="utf-8")
        for step in (given, when)
        for each in step["attachments"]
    }

    assert read["table"] == "item\tprice\ntea\t2.50"
    assert read["text"] == "charge it"
    assert "Stripe → till" in read["exchange"]
    assert json.loads(read["exchange, as recorded"])["data"]["status"] == 200


def test_a_row_shows_its_cells_and_no_inner_parameter(result: Any) -> None:
    assert [(each["name"], each["value"]) for each in result["A row"]["parameters"]] == [("who", "'it'")]


def test_no_secret_no_path_and_no_fixture_reaches_a_result(tidy: Path, results: Path) -> None:
    for path in tidy.iterdir():
        text = path.read_text(encoding="utf-8")
        assert "CANARY" not in text, path.name
        assert str(results) not in text, path.name
        assert str(Path(__file__).resolve().parents[2]) not in text, path.name
        assert sys.prefix not in text, path.name


def test_the_bridges_own_messages_are_clean_before_anything_tidies(results: Path) -> None:
    for path in (results / "allure-results").glob("*-result.json"):
        for step in json.loads(path.read_text(encoding="utf-8")).get("steps", ()):
            assert "CANARY" not in json.dumps(step)
            assert "trace" not in step.get("statusDetails", {})


def test_the_extras_name_run_verdict_and_till_on_one_line_each(tidy: Path) -> None:
    properties = (tidy / "environment.properties").read_text(encoding="utf-8").splitlines()
    executor = json.loads((tidy / "executor.json").read_text(encoding="utf-8"))

    assert "Till=Bakery Evil=1" in properties
    assert "Verdict=refused" in properties
    assert executor["buildName"] == "r1"
    assert {each["matchedStatuses"][0] for each in json.loads((tidy / "categories.json").read_text())} == {
        "failed", "broken", "skipped",
    }  # fmt: skip


def test_results_lost_are_made_again_from_the_report(refused: Path) -> None:
    report = read_report(refused)

    assert rebuild_results(refused, report) == len(report["scenarios"])
    assert rebuild_results(refused, report) == 0
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in (refused / "allure-results").glob("*-result.json")
    ]
    failed = [each for each in found if each["status"] == "failed"]
    assert [labels(each, "requirement") for each in failed] == [["EX-05", "FD-26"]]
    assert "FD-26: expected" in failed[0]["statusDetails"]["message"]
