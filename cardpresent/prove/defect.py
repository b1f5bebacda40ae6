"""A seeded defect or a harmless variant: a small patch on the reference POS whose header says what must come of it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

Kind = Literal["defect", "benign"]
# How hard it is to see from outside: an ordinary sale, the right fault at the right step, or several things together.
Difficulty = Literal["easy", "medium", "hard"]


class DefectError(ValueError):
    """A header or a patch is not sound; the message names the file and what is wrong."""


class Patch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One replacement: `old` occurs exactly once in `file`, a file of the reference POS or `cardpresent.toml`."""

    file: str
    old: str
    new: str


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must turn red: a line of the register, by a check, in one of the killer scenarios."""

    requirement: str
    check: str


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"defect_class": "class"}):
    """The file as it is written. `scenarios`: feature path and title of the killers; none for a benign variant."""

    id: str
    title: str
    patch: tuple[Patch, ...]
    defect_class: str = ""
    severity: str = ""
    difficulty: Difficulty = "medium"
    expected: Expected | None = None
    scenarios: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seeded:
    """A header, where it stands, and which of the two kinds it is."""

    path: Path
    kind: Kind
    header: Header

    @property
    def id(self) -> str:
        return self.header.id


def load(path: Path, kind: Kind) -> Seeded:
    """Read one file. Raises DefectError."""
    try:
        header = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Header)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DefectError(f"{path.name}: {error}") from None
    if kind == "defect" and not (header.expected and header.scenarios and header.defect_class):
        raise DefectError(f"{path.name}: a defect says beforehand its class, what must turn red, and where")
    if kind == "benign" and (header.expected or header.scenarios):
        raise DefectError(f"{path.name}: a harmless variant turns nothing red, so it expects nothing")
    return Seeded(path, kind, header)


def all_in(fixtures: Path) -> list[Seeded]:
    """Every seeded defect and every harmless variant the suite ships, defects first. Raises DefectError."""
    found = [*_folder(fixtures / "defects", "defect"), *_folder(fixtures / "benign", "benign")]
    paths: dict[str, Path] = {}
    for one in found:
        if one.id in paths:
            raise DefectError(f"{one.path.name}: {one.id} is {paths[one.id].name}'s id already; take another number")
        paths[one.id] = one.path
    return found


def _folder(folder: Path, kind: Kind) -> Iterator[Seeded]:
    for path in sorted(folder.glob("*.toml")):
        yield load(path, kind)


def as_row(seeded: Seeded) -> dict[str, Any]:
    """The defect's part of a row of the kill matrix."""
    header = seeded.header
    expected = {"requirement": header.expected.requirement, "check": header.expected.check} if header.expected else None
    return {
        "defect": header.id, "kind": seeded.kind, "title": header.title, "class": header.defect_class,
        "severity": header.severity,
        "difficulty": header.difficulty, "scenarios": list(header.scenarios), "expected": expected,
    }  # fmt: skip
