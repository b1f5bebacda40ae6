"""Each rule of the Gherkin lint fires on the smallest suite that breaks it, and on nothing else."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

from cardpresent.cli.gherkin_lint import lint, scenarios

REGISTER = """
revision = "1"
[applies.kind]
meaning = "How the till talks to its readers."
[applies.capability]
meaning = "What the till can do."
values = ["refund"]
[[requirement]]
id = "FD-26"
statement = "An approval hidden by a connection error is found."
level = "must"
severity = "S1"
source = "https://docs.stripe.com/terminal"
known = "documented"
applies = {}
"""
INI = """
[pytest]
markers =
    smoke: part of the ten-second certification
"""
SCENARIO = """
@FD-26
Scenario: A sale is paid once
  Given a reader
  When the customer pays 20.00 USD
  Then the shop has 20.00 USD
"""
STEPS = """
from pytest_bdd import given, parsers, then, when

@given("a reader")
def reader() -> None: ...

@when(parsers.parse("the customer pays {amount}"))
def pays(amount: str) -> None: ...

@then(parsers.re(r"the shop has (?P<amount>\\S+ \\S+)"))
def has(amount: str) -> None: ...
"""


class Suite:
    """A sound suite of one scenario in `root`; each test breaks one thing in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("features/requirements.toml", REGISTER)
        self.write("reports/pytest.ini", INI)
        self.write("steps/sale.py", STEPS)
        self.feature(SCENARIO)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(dedent(text), encoding="utf-8")

    def feature(self, *scenarios: str, head: str = "Feature: Sale") -> None:
        self.write("features/sale.feature", head + "\n" + indent("\n".join(map(dedent, scenarios)), "  "))

    def more_steps(self, text: str) -> None:
        self.write("steps/more.py", "from pytest_bdd import given, parsers, then, when\n" + dedent(text))

    def rules_broken(self) -> list[str]:
        return [problem.rule for problem in lint(self.root)]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def titled(title: str) -> str:
    return SCENARIO.replace("A sale is paid once", title)


def test_a_sound_suite_has_no_problem(suite: Suite) -> None:
    assert lint(suite.root) == []


def test_two_scenarios_of_one_name_are_a_problem_also_across_rules(suite: Suite) -> None:
    suite.feature("Rule: Cards", indent(SCENARIO, "  "), "Rule: Cash", indent(SCENARIO, "  "))

    (problem,) = lint(suite.root)

    assert problem.rule == "repeated-title"
    assert problem.line > 5
    assert "A sale is paid once" in problem.message


def test_the_same_name_in_two_features_is_none(suite: Suite) -> None:
    suite.write("features/other.feature", "Feature: Other\n" + indent(SCENARIO, "  "))

    assert lint(suite.root) == []


def test_an_async_step_is_a_problem(suite: Suite) -> None:
    suite.write("steps/sale.py", STEPS.replace("def reader", "async def reader"))

    assert suite.rules_broken() == ["async-step"]


def test_a_step_defined_twice_is_a_problem_also_in_two_files(suite: Suite) -> None:
    suite.more_steps("""
        @given("a reader")
        def other_reader() -> None: ...
    """)

    (problem,) = lint(suite.root)

    assert problem.rule == "repeated-step"
    assert "steps/more.py" in problem.message


def test_one_pattern_under_two_keywords_is_none(suite: Suite) -> None:
    suite.write("steps/sale.py", STEPS.replace('@given("a reader")', '@given("a reader")\n@when("a reader")'))
    suite.feature(SCENARIO, titled("A reader is used").replace("Given a reader", "When a reader"))

    assert lint(suite.root) == []


def test_two_patterns_that_match_one_text_are_a_problem(suite: Suite) -> None:
    suite.more_steps("""
        @given(parsers.parse("a {thing}"))
        def anything(thing: str) -> None: ...
    """)

    assert suite.rules_broken() == ["ambiguous-step"]


def test_a_step_text_without_definition_is_a_problem(suite: Suite) -> None:
    suite.feature(SCENARIO + "    And nobody else is charged\n")

    (problem,) = lint(suite.root)

    assert (problem.rule, problem.line) == ("undefined-step", 8)
    assert 'no @then definition matches "nobody else is charged"' in problem.message


def test_a_text_is_matched_only_by_definitions_of_its_keyword(suite: Suite) -> None:
    suite.feature(SCENARIO.replace("Given a reader", "When a reader"))

    assert suite.rules_broken() == ["undefined-step", "unused-step"]


def test_every_row_of_an_outline_needs_a_definition(suite: Suite) -> None:
    suite.feature(
        SCENARIO.replace("Scenario:", "Scenario Outline:").replace("20.00 USD\n  Then", "<amount>\n  Then")
        + "  Examples:\n    | amount |\n    | 3.00 USD |\n    | 4.00 EUR |\n"
    )
    narrow = STEPS.replace('parsers.parse("the customer pays {amount}")', 'parsers.re(r"the customer pays .* USD")')
    suite.write("steps/sale.py", narrow)

    (problem,) = lint(suite.root)

    assert problem.rule == "undefined-step"
    assert "4.00 EUR" in problem.message


def test_the_steps_of_a_background_count_as_used(suite: Suite) -> None:
    suite.feature("Background:\n  Given a reader\n", SCENARIO.replace("  Given a reader\n", ""))

    assert lint(suite.root) == []


def test_a_definition_nobody_uses_is_a_problem(suite: Suite) -> None:
    suite.more_steps("""
        @when("the till is restarted")
        def restarted() -> None: ...
    """)

    assert suite.rules_broken() == ["unused-step"]


def test_a_pattern_that_only_running_would_tell_is_a_problem(suite: Suite) -> None:
    suite.more_steps("""
        @when("the till" + suffix())
        def restarted() -> None: ...
    """)

    assert suite.rules_broken() == ["unreadable-step"]


def test_patterns_may_be_constants_joined_texts_and_types_of_the_suite(suite: Suite) -> None:
    suite.more_steps("""
        from parse import with_pattern

        SHOP = "the shop"

        @with_pattern(r"[0-9.]+ [A-Z]{3}")
        def money(text: str) -> str:
            return text

        TYPES = {"Money": money}

        @then(parsers.parse(f"{SHOP} owes " "{amount:Money}", extra_types=TYPES))
        def owes(amount: str) -> None: ...

        @then(parsers.cfparse(SHOP + " lists {amounts:Money+}", extra_types=TYPES))
        def lists(amounts: list[str]) -> None: ...
    """)
    suite.feature(SCENARIO + "  And the shop owes 1.00 USD\n  And the shop lists 1.00 USD, 2.00 EUR\n")
    assert lint(suite.root) == []

    suite.feature(SCENARIO + "  And the shop owes nothing\n  And the shop lists 1.00 USD, 2.00 EUR\n")
    assert suite.rules_broken() == ["undefined-step", "unused-step"]


def test_the_given_of_hypothesis_is_not_a_step(suite: Suite) -> None:
    suite.write(
        "steps/more.py",
        """
        from hypothesis import given, strategies

        def explore() -> None:
            @given(strategies.integers())
            def holds(number: int) -> None: ...
        """,
    )

    assert lint(suite.root) == []


def test_a_scenario_without_a_requirement_is_a_problem(suite: Suite) -> None:
    suite.feature(SCENARIO, titled("A sale is free").replace("@FD-26", "@smoke"))

    assert suite.rules_broken() == ["untagged"]


def test_the_requirement_may_stand_on_the_feature_or_its_rule(suite: Suite) -> None:
    bare = SCENARIO.replace("@FD-26\n", "")
    suite.feature("@FD-26\nRule: Cards", indent(bare, "  "))
    assert lint(suite.root) == []

    suite.feature(bare, head="@FD-26\nFeature: Sale")
    assert lint(suite.root) == []


def test_a_tag_that_is_neither_requirement_nor_marker_is_a_problem(suite: Suite) -> None:
    suite.feature(SCENARIO.replace("@FD-26", "@FD-26 @FD-99 @smoke @smokey @needs-refund @needs-nothing"))

    assert [problem.message.split()[0] for problem in lint(suite.root)] == ["@FD-99", "@needs-nothing", "@smokey"]


def test_a_tag_on_examples_is_a_problem(suite: Suite) -> None:
    outline = SCENARIO.replace("Scenario:", "Scenario Outline:")
    suite.feature(outline + "  @smoke\n  Examples:\n    | card |\n    | visa |\n")

    assert suite.rules_broken() == ["examples-tag"]


def test_an_outline_without_rows_is_a_problem(suite: Suite) -> None:
    suite.feature(SCENARIO.replace("Scenario:", "Scenario Outline:") + "  Examples:\n    | card |\n")

    assert suite.rules_broken() == ["no-rows"]


def test_a_requirement_on_no_scenario_needs_a_written_reason(suite: Suite) -> None:
    other = REGISTER[REGISTER.index("[[requirement]]") :].replace("FD-26", "FD-27")
    suite.write("features/requirements.toml", REGISTER + other)
    assert suite.rules_broken() == ["undecided"]

    suite.write("features/requirements.toml", REGISTER + other + 'untested = "Needs a reader with a screen."\n')
    assert lint(suite.root) == []


def test_a_requirement_cannot_be_tagged_and_untested(suite: Suite) -> None:
    suite.write("features/requirements.toml", REGISTER + 'untested = "Needs a reader with a screen."\n')

    (problem,) = lint(suite.root)

    assert problem.rule == "contradiction"
    assert problem.file == "features/requirements.toml"


def test_a_register_that_cannot_be_read_is_one_problem(suite: Suite) -> None:
    suite.write("features/requirements.toml", REGISTER.replace('level = "must"', 'level = "may"'))

    assert suite.rules_broken() == ["register"]


@pytest.mark.parametrize("content", ["", "Feature: Sale\n", "Feature: Sale\n  Background:\n    Given a reader\n"])
def test_an_empty_feature_is_a_problem(suite: Suite, content: str) -> None:
    suite.write("features/empty.feature", content)

    assert suite.rules_broken() == ["empty-feature"]


def test_a_feature_that_is_not_gherkin_is_one_problem_with_its_line(suite: Suite) -> None:
    suite.write("features/broken.feature", "Feature: Sale\n  Scenario: A sale is paid\n    Given a reader\n  Or else\n")

    assert [(problem.rule, problem.line) for problem in lint(suite.root)] == [("syntax", 4)]


@pytest.mark.parametrize(
    "title",
    [
        "a sale is paid once",
        "A sale is paid once.",
        "Sale",
        "Test that a sale is paid",
        "We verify a sale",
        "A sale should be paid",
    ],
)
def test_a_title_that_is_not_a_statement_is_a_problem(suite: Suite, title: str) -> None:
    suite.feature(titled(title))

    assert suite.rules_broken() == ["title"]


def test_a_word_that_only_contains_test_is_none(suite: Suite) -> None:
    suite.feature(titled("The latest sale on a contested reader is paid"))

    assert lint(suite.root) == []


def test_scenarios_are_counted_by_row_and_none_is_dropped(suite: Suite) -> None:
    rows = "  Examples:\n    | card |\n    | visa |\n  Examples: others\n    | card |\n    | jcb |\n    | amex |\n"
    outline = titled("A sale is paid by any card").replace("Scenario:", "Scenario Outline:")
    suite.feature(SCENARIO, SCENARIO, outline + rows)

    parsed, problems = scenarios(suite.root)

    assert [scenario.runs for scenario in parsed] == [1, 1, 3]
    assert problems == []


def test_the_command_prints_each_problem_and_exits_1(suite: Suite) -> None:
    suite.feature(SCENARIO, titled("A sale is free").replace("@FD-26\n", ""))

    answer = subprocess.run(
        [sys.executable, "-m", "cardpresent.cli.gherkin_lint", suite.root], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 1
    assert answer.stdout.splitlines() == [
        'features/sale.feature:10: untagged: "A sale is free" names no requirement; '
        "tag it with the one it would violate, like @FD-26",
        "gherkin: 2 scenarios, 1 problems",
    ]
    assert answer.stderr == ""
