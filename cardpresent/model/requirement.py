"""The register: every requirement a till is certified against, read from `features/requirements.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self, cast, get_args

Level = Literal["must", "should"]
Severity = Literal["S1", "S2", "S3"]
Known = Literal["documented", "observed", "field"]

ID: Final = re.compile(r"DC-\d{2}\.\d|EX-\d{2}|FD-\d{2}")
REQUIRED: Final = ("id", "statement", "level", "severity", "source", "known", "applies")
OPTIONAL: Final = ("untested", "usual_fix")


class RegisterError(ValueError):
    """The register cannot be used. The message names the file, the requirement, the key and the fix."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the profile that requirements may ask. `values` is empty where any text is an answer."""

    meaning: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One numbered line of the register.

    `applies` maps a profile question to the answers that select this line: any one of them does, except under
    `capability`, where none of the named ones may be "not applicable". Empty: the line applies to every till.
    `untested` is the written reason why no scenario decides the line, None where one does.
    """

    id: str
    statement: str
    level: Level
    severity: Severity
    source: str
    known: Known
    applies: Mapping[str, tuple[str, ...]] = field(hash=False)
    untested: str | None = None
    usual_fix: str | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """All requirements of one checklist revision, in the order of the file; `answers` are the profile's questions."""

    revision: str
    answers: Mapping[str, Answer] = field(hash=False)
    requirements: Mapping[str, Requirement] = field(hash=False)

    def __getitem__(self, requirement: str) -> Requirement:
        return self.requirements[requirement]

    def __contains__(self, requirement: object) -> bool:
        return requirement in self.requirements

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def __len__(self) -> int:
        return len(self.requirements)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check the whole file. Raises RegisterError for anything unknown, missing, repeated or malformed."""
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise RegisterError(f"{path}: {error.strerror}; give the path of requirements.toml") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RegisterError(f"{path}: not valid TOML: {error}; mend the syntax there") from None
        top = _Table(path, "the register", document)
        top.only("revision", "applies", "requirement")
        revision = top.text("revision")
        answers = _answers(path, top.table("applies"))
        requirements: dict[str, Requirement] = {}
        for number, row in enumerate(top.tables("requirement"), start=1):
            requirement = _requirement(path, number, row, answers)
            if requirement.id in requirements:
                raise RegisterError(f"{path}: {requirement.id}: key id: used twice; give one of them another number")
            requirements[requirement.id] = requirement
        return cls(revision, answers, requirements)


@dataclass(frozen=True, slots=True)
class _Table:
    """A TOML table that knows its place, so that every complaint names file, line of the register and key."""

    path: Path
    place: str
    raw: Mapping[str, Any]

    def error(self, key: str, what: str) -> RegisterError:
        return RegisterError(f"{self.path}: {self.place}: key {key}: {what}")

    def only(self, *known: str) -> None:
        for key in self.raw:
            if key not in known:
                raise self.error(key, f"unknown; remove it or use one of {', '.join(known)}")

    def present(self, key: str) -> Any:
        if key not in self.raw:
            raise self.error(key, "missing; add it")
        return self.raw[key]

    def text(self, key: str) -> str:
        value = self.present(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"is {value!r}; write a text that is not empty")
        return value

    def optional(self, key: str) -> str | None:
        return self.text(key) if key in self.raw else None

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.error(key, f"is {value!r}; write one of {', '.join(allowed)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.present(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, f"is {value!r}; write a list of one or more texts")
        return tuple(value)

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.present(key)
        if not isinstance(value, dict):
            raise self.error(key, f"is {value!r}; write a table")
        return value

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        value = self.present(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"is {value!r}; write [[{key}]] tables")
        return value


def _answers(path: Path, raw: Mapping[str, Any]) -> dict[str, Answer]:
    answers = {}
    asked = _Table(path, "applies", raw)
    for key in raw:
        question = _Table(path, f"applies.{key}", asked.table(key))
        question.only("meaning", "values")
        values = question.texts("values") if "values" in question.raw else ()
        answers[key] = Answer(question.text("meaning"), values)
    return answers


def _requirement(path: Path, number: int, raw: Mapping[str, Any], answers: Mapping[str, Answer]) -> Requirement:
    line = _Table(path, str(raw.get("id", f"requirement number {number}")), raw)
    line.only(*REQUIRED, *OPTIONAL)
    identifier = line.text("id")
    if not ID.fullmatch(identifier):
        raise line.error("id", f"is {identifier!r}; write it as DC-01.3, EX-05 or FD-26")
    source = line.text("source")
    if not source.startswith("https://"):
        raise line.error("source", f"is {source!r}; give the https address of the evidence")
    return Requirement(
        id=identifier,
        statement=line.text("statement"),
        level=cast(Level, line.choice("level", get_args(Level))),
        severity=cast(Severity, line.choice("severity", get_args(Severity))),
        source=source,
        known=cast(Known, line.choice("known", get_args(Known))),
        applies=_applies(_Table(path, f"{identifier}: applies", line.table("applies")), answers),
        untested=line.optional("untested"),
        usual_fix=line.optional("usual_fix"),
    )


def _applies(table: _Table, answers: Mapping[str, Answer]) -> Mapping[str, tuple[str, ...]]:
    table.only(*answers)
    selected = {key: table.texts(key) for key in table.raw}
    for key, values in selected.items():
        allowed = answers[key].values
        for value in values:
            if allowed and value not in allowed:
                raise table.error(key, f"names {value!r}; write one of {', '.join(allowed)}")
    return selected
