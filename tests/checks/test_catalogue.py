"""Every check is known by name, and what it found can be found again in the saved journal."""

import json
from dataclasses import asdict
from importlib import import_module
from pkgutil import iter_modules

import pytest

from cardpresent.checks import charges
from cardpresent.checks.catalogue import UnknownCheck, check, checks, judged_again
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, captured


def public_judges() -> set[str]:
    """Public functions of the package that return findings, by name."""
    package = import_module("cardpresent.checks")
    found = set()
    for info in iter_modules(package.__path__):
        module = import_module(f"cardpresent.checks.{info.name}")
        for name, judge in vars(module).items():
            told = getattr(judge, "__annotations__", {}).get("return")
            if getattr(judge, "__module__", None) == module.__name__ and told in (Finding, Finding | None):
                found.add(f"{info.name}.{name}")
    return {name for name in found if not name.partition(".")[2].startswith("_")} - {"catalogue.judged_again"}


def test_every_function_that_judges_is_in_the_catalogue():
    assert set(checks()) == public_judges()


def told(finding: Finding) -> dict:
    """As a report holds it."""
    return json.loads(json.dumps(asdict(finding)))


def test_a_finding_can_be_found_again_in_the_saved_journal() -> None:
    story = Story().asked(2000).books(captured(2000))
    short = charges.charged_total(story.journal, SALE, Money(2500, "usd"))

    again = judged_again(told(short)["asked"], story.journal)

    assert again == short
    assert (again.holds, again.expected) == (False, "25.00 USD charged")


def test_it_is_found_in_the_entries_it_was_found_in_and_in_no_later_ones() -> None:
    story = Story().asked(2000).books(captured(2000))
    right = charges.charged_total(story.journal, SALE, Money(2000, "usd"))

    story.books(captured(2000), captured(2000, "pi_2"))

    assert judged_again(told(right)["asked"], story.journal).holds is True


def test_a_check_that_is_gone_is_named() -> None:
    with pytest.raises(UnknownCheck, match=r"charges\.of_old"):
        judged_again({"check": "charges.of_old", "entries": [1, 1], "given": [], "named": {}}, Journal())


def test_a_check_is_given_nothing_that_a_report_could_not_hold() -> None:
    @check
    def of_a_thing(journal: Journal, thing: object) -> Finding:
        return Finding("FD-01", "charges.of_a_thing", True, "", "")

    with pytest.raises(TypeError, match="which no report can hold"):
        of_a_thing(Journal(), object())
