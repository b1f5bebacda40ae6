"""`--select`: requirement, feature or scenario, found in the feature files before anything starts."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.parser import Parser

from cardpresent.model.requirement import Register

LINES = ("DC-", "EX-", "FD-")


class UnknownSelection(ValueError):
    """Nothing in the suite answers to a selection; the message names what is near."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario as its feature file names it; an outline counts once, and knows its number of `rows`."""

    id: str
    title: str
    feature: str
    path: str
    tags: frozenset[str]
    rows: int = 1

    @property
    def requirements(self) -> frozenset[str]:
        """Those of its tags that are lines of the register."""
        return frozenset(tag for tag in self.tags if tag.startswith(LINES))


def listed(suite: Path) -> list[Listed]:
    """Every scenario of the suite, in the order in which it runs."""
    return [one for path in sorted((suite / "features").rglob("*.feature")) for one in _in_file(path, suite)]


def _in_file(path: Path, suite: Path) -> Iterator[Listed]:
    document: Any = Parser().parse(path.read_text(encoding="utf-8"))
    feature = document["feature"]
    if not feature:
        return
    where = path.relative_to(suite).as_posix()
    shared = {tag["name"][1:] for tag in feature["tags"]}
    for child in feature["children"]:
        inner = child["rule"]["children"] if "rule" in child else [child]
        for each in inner:
            scenario = each.get("scenario")
            if scenario:
                tags = frozenset(shared | {tag["name"][1:] for tag in scenario["tags"]})
                rows = sum(len(examples["tableBody"]) for examples in scenario["examples"]) or 1
                yield Listed(f"{where}::{scenario['name']}", scenario["name"], feature["name"], where, tags, rows)


def chosen(wanted: Iterable[str], scenarios: list[Listed], register: Register) -> list[Listed]:
    """The scenarios that any of `wanted` names. Raises UnknownSelection for one that names none."""
    found: dict[str, Listed] = {}
    for text in wanted:
        matches = [s for s in scenarios if _answers(s, text)]
        if not matches:
            raise UnknownSelection(_near(text, scenarios, register))
        found.update({s.id: s for s in matches})
    return [s for s in scenarios if s.id in found]


def _answers(scenario: Listed, text: str) -> bool:
    lower = text.lower().rstrip("/")
    if any(tag.lower() == lower or tag.lower().startswith(f"{lower}.") for tag in scenario.tags):
        return True
    if lower in {scenario.id.lower(), scenario.title.lower(), scenario.feature.lower(), scenario.path.lower()}:
        return True
    return scenario.path.lower().removeprefix("features/").startswith(lower.removeprefix("features/"))


def _near(text: str, scenarios: list[Listed], register: Register) -> str:
    if text.upper() in register:
        line = register[text.upper()]
        return f'--select "{text}": no scenario is about {line.id}; {line.untested or "it has none yet"}'
    names = {n for s in scenarios for n in (s.title, s.feature, s.path, *s.tags)}
    near = difflib.get_close_matches(text, sorted(names), n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(map(repr, near))}?" if near else "name a requirement, a feature or a scenario"
    return f'--select "{text}": nothing in the suite is called that; {hint}'
