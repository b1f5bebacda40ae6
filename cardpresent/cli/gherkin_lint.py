"""What pytest-bdd lets pass in silence and a certificate cannot afford, found before anything runs.

A second scenario of the same name in a feature is dropped; the last of two definitions of a step wins; an `async`
step is never awaited and so passes; a step without a definition shows when its scenario runs; a definition nobody uses
rots; a tag that is not in the register plans nothing. `python -m cardpresent.cli.gherkin_lint [SUITE]` prints one line
a problem and exits 1.
"""

import configparser
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from gherkin.errors import CompositeParserException
from gherkin.parser import Parser
from pytest_bdd.parser import render_string
from pytest_bdd.types import STEP_TYPE_BY_PARSER_KEYWORD

from cardpresent.cli import step_definitions
from cardpresent.cli.step_definitions import StepDefinition
from cardpresent.model.requirement import Register, RegisterError

REGISTER: Final = "features/requirements.toml"
PYTEST_INI: Final = "reports/pytest.ini"
# Which of a file's tills a scenario is put to (cardpresent/launch/asking.py).
WHICH_SHOP: Final = re.compile(
    r"country-[A-Z]{2}|currency-[a-z]{3}|kind-(server-driven|offline-sdk|js-sdk|sdk|app|any-sdk|native)|connect-(direct|destination)"
)
NOT_A_STATEMENT: Final = re.compile(r"\b(test|tests|testing|verify|verifies|verifying|should)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint. `file` is relative to the suite, `rule` names the rule that was broken."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Step:
    """A step as written; in an outline its text still holds the `<placeholders>`. `keyword` is given, when or then."""

    keyword: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as parsed, with the background's steps and the tags of its feature and rule.

    `rows` are an outline's rows, column -> cell; None without Examples.
    """

    file: str
    line: int
    title: str
    tags: tuple[str, ...]
    examples_tags: tuple[str, ...]
    steps: tuple[Step, ...]
    rows: tuple[Mapping[str, str], ...] | None

    @property
    def runs(self) -> int:
        """How many tests pytest collects for it."""
        return 1 if self.rows is None else len(self.rows)

    def spoken(self) -> Iterator[tuple[str, str]]:
        """Every row's steps in that row's own words, as (keyword, text)."""
        for row in self.rows or ({},):
            for step in self.steps:
                yield step.keyword, render_string(step.text, row)


def scenarios(root: Path) -> tuple[list[Scenario], list[Problem]]:
    """Every scenario of the suite at `root`, also those that pytest-bdd would drop, and what could not be read."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in sorted((root / "features").rglob("*.feature")):
        file = path.relative_to(root).as_posix()
        try:
            document: Mapping[str, Any] = dict(Parser().parse(path.read_text(encoding="utf-8")))
        except CompositeParserException as error:
            line = error.errors[0].location["line"]
            problems.append(Problem(file, line, "syntax", str(error.errors[0]).split(": ", 1)[-1]))
            continue
        feature = document.get("feature") or {"tags": [], "children": []}
        of_this = list(_scenarios_in(file, feature, (), ()))
        if not of_this:
            problems.append(Problem(file, 1, "empty-feature", "has no scenario; write one or delete the file"))
        found += of_this
    return found, problems


def _scenarios_in(
    file: str, parent: Mapping[str, Any], tags: tuple[str, ...], background: tuple[Step, ...]
) -> Iterator[Scenario]:
    tags += _tags(parent["tags"])
    for child in parent["children"]:
        if written := child.get("background"):
            background += _steps(written["steps"])
        elif rule := child.get("rule"):
            yield from _scenarios_in(file, rule, tags, background)
        elif written := child.get("scenario"):
            examples = written["examples"]
            yield Scenario(
                file=file,
                line=written["location"]["line"],
                title=written["name"],
                tags=tags + _tags(written["tags"]),
                examples_tags=tuple(tag for table in examples for tag in _tags(table["tags"])),
                steps=background + _steps(written["steps"]),
                rows=tuple(row for table in examples for row in _rows(table)) if examples else None,
            )


def _tags(raw: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(tag["name"].removeprefix("@") for tag in raw)


def _steps(raw: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    steps = []
    keyword = ""
    for step in raw:
        keyword = STEP_TYPE_BY_PARSER_KEYWORD.get(step["keywordType"], keyword)
        steps.append(Step(keyword, step["text"], step["location"]["line"]))
    return tuple(steps)


def _rows(table: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    if header := table.get("tableHeader"):
        names = [cell["value"] for cell in header["cells"]]
        for row in table.get("tableBody", []):
            yield dict(zip(names, (cell["value"] for cell in row["cells"]), strict=True))


def lint(root: Path) -> list[Problem]:
    """All problems of the suite at `root`, the folder that holds `features/` and `steps/`; empty when it is sound."""
    parsed, problems = scenarios(root)
    definitions, unreadable = step_definitions.read(root)
    problems += [Problem(place.file, place.line, "unreadable-step", place.why) for place in unreadable]
    problems += _repeated_titles(parsed)
    problems += [problem for scenario in parsed for problem in _title(scenario)]
    problems += _tagging(root, parsed)
    problems += _definitions(definitions)
    problems += _matching(parsed, definitions, complete=not unreadable)
    return sorted(set(problems))


def _repeated_titles(parsed: Sequence[Scenario]) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for scenario in parsed:
        line = first.setdefault((scenario.file, scenario.title), scenario.line)
        if line != scenario.line:
            message = f'"{scenario.title}" is also on line {line} and only one of them would run; name them apart'
            yield Problem(scenario.file, scenario.line, "repeated-title", message)


def _title(scenario: Scenario) -> Iterator[Problem]:
    title = scenario.title
    if not title[:1].isupper():
        yield Problem(scenario.file, scenario.line, "title", f'"{title}" does not begin with a capital letter')
    if title.endswith("."):
        yield Problem(scenario.file, scenario.line, "title", f'"{title}" ends with a period; leave it out')
    if len(title.split()) < 3:
        yield Problem(scenario.file, scenario.line, "title", f'"{title}" is not a full sentence; state what holds')
    if word := NOT_A_STATEMENT.search(title):
        message = f'"{title}" says "{word.group()}"; state what holds, in the present tense'
        yield Problem(scenario.file, scenario.line, "title", message)


def _tagging(root: Path, parsed: Sequence[Scenario]) -> Iterator[Problem]:
    try:
        register = Register.load(root / REGISTER)
    except RegisterError as error:
        yield Problem(REGISTER, 1, "register", str(error).removeprefix(f"{root / REGISTER}: "))
        return
    known = _markers(root / PYTEST_INI) | {f"needs-{name}" for name in _capabilities(register)}
    for scenario in parsed:
        for tag in scenario.tags:
            if tag not in register and tag not in known and not WHICH_SHOP.fullmatch(tag):
                message = f"@{tag} is no requirement or capability of {REGISTER} and no marker of {PYTEST_INI}"
                yield Problem(scenario.file, scenario.line, "unknown-tag", message)
        if not any(tag in register for tag in scenario.tags):
            message = f'"{scenario.title}" names no requirement; tag it with the one it would violate, like @FD-26'
            yield Problem(scenario.file, scenario.line, "untagged", message)
        if scenario.examples_tags:
            message = "tags on Examples are not read, for an outline is one scenario; tag the scenario"
            yield Problem(scenario.file, scenario.line, "examples-tag", message)
    yield from _register_against(register, {tag for scenario in parsed for tag in scenario.tags}, root)


def _capabilities(register: Register) -> tuple[str, ...]:
    question = register.answers.get("capability")
    return question.values if question else ()


def _register_against(register: Register, tags: set[str], root: Path) -> Iterator[Problem]:
    lines = (root / REGISTER).read_text(encoding="utf-8").splitlines()
    for requirement in register:
        place = next((n for n, line in enumerate(lines, start=1) if f'"{requirement.id}"' in line), 1)
        if requirement.untested and requirement.id in tags:
            message = f"{requirement.id} is tagged on a scenario and called untested; remove one of the two"
            yield Problem(REGISTER, place, "contradiction", message)
        if not requirement.untested and requirement.id not in tags:
            message = f"{requirement.id} is on no scenario; tag one, or write the reason under `untested`"
            yield Problem(REGISTER, place, "undecided", message)


def _markers(ini: Path) -> set[str]:
    """Names of the markers that the suite's own pytest configuration declares."""
    configuration = configparser.ConfigParser(interpolation=None)
    configuration.read(ini, encoding="utf-8")
    declared = configuration.get("pytest", "markers", fallback="")
    return {line.split(":")[0].split("(")[0].strip() for line in declared.splitlines() if line.strip()}


def _definitions(definitions: Sequence[StepDefinition]) -> Iterator[Problem]:
    for definition in definitions:
        if definition.is_async:
            message = f"{definition.function} is async; pytest-bdd never awaits it, so it would always pass"
            yield Problem(definition.file, definition.line, "async-step", message)
    by_pattern: defaultdict[str, list[StepDefinition]] = defaultdict(list)
    for definition in definitions:
        same = by_pattern[definition.pattern]
        for other in same:
            if other.keyword == definition.keyword or None in {other.keyword, definition.keyword}:
                message = f'"{definition.pattern}" is already defined by {other}; the last one would win in silence'
                yield Problem(definition.file, definition.line, "repeated-step", message)
        same.append(definition)


def _matching(
    parsed: Sequence[Scenario], definitions: Sequence[StepDefinition], *, complete: bool
) -> Iterator[Problem]:
    """Features against definitions, both ways. Where a definition could not be read, a missing one cannot be told."""
    used: set[StepDefinition] = set()
    known: dict[tuple[str, str], list[StepDefinition]] = {}
    for scenario in parsed:
        if scenario.rows == ():
            message = f'"{scenario.title}" is an outline without a row, so it would never run'
            yield Problem(scenario.file, scenario.line, "no-rows", message)
        for step in scenario.steps:
            for text in {render_string(step.text, row) for row in scenario.rows or ({},)}:
                matching = known.get((step.keyword, text))
                if matching is None:
                    matching = [definition for definition in definitions if definition.matches(step.keyword, text)]
                    known[step.keyword, text] = matching
                used.update(matching)
                yield from _fit(scenario.file, step, text, matching, complete=complete)
    for definition in definitions:
        if definition not in used:
            message = f'"{definition.pattern}" is in no feature; use it or delete {definition.function}'
            yield Problem(definition.file, definition.line, "unused-step", message)


def _fit(file: str, step: Step, text: str, matching: Sequence[StepDefinition], *, complete: bool) -> Iterator[Problem]:
    patterns = Counter(definition.pattern for definition in matching)
    if not matching and complete:
        yield Problem(file, step.line, "undefined-step", f'no @{step.keyword or "given"} definition matches "{text}"')
    if len(patterns) > 1:
        message = f'"{text}" matches {" and ".join(map(str, matching))}; make one pattern narrower'
        yield Problem(file, step.line, "ambiguous-step", message)


@click.command()
@click.argument("suite", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
def main(suite: Path) -> None:
    """Check the features and step definitions of SUITE, the folder that holds `features/` (default: this folder)."""
    problems = lint(suite)
    for problem in problems:
        click.echo(problem)
    parsed, _ = scenarios(suite)
    click.echo(f"gherkin: {len(parsed)} scenarios, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
