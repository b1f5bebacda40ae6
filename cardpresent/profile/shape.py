"""Holds a parsed TOML document against the schema, so that each complaint names the exact key and the way out.

msgspec would stop at the same faults, but its paths lose the names inside tables whose keys are free (`operations`,
`save`), and it knows no near misses.
"""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

NAMES: Final = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
    tuple: "a list",
    date: "a day without quotes, like 2027-01-31",
}


class ShapeError(ValueError):
    """`key` is the dotted path of what does not fit."""

    def __init__(self, key: str, problem: str, fix: str) -> None:
        self.key = key
        self.problem = problem
        self.fix = fix
        super().__init__(f"{key}: {problem}; {fix}")


def check(raw: object, annotation: Any, key: str = "") -> None:
    """Raise ShapeError for the first part of `raw` that does not fit `annotation`, a struct or a type in one."""
    kind, members = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return
    if kind is Literal:
        _check_choice(raw, members, key)
    elif kind in {Union, UnionType}:
        check(raw, _member_for(raw, members), key)
    elif kind is Annotated:
        check(raw, members[0], key)
        _check_leaf(raw, annotation, key)
    elif isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        _check_table(raw, annotation, key)
    elif kind is dict:
        for name, item in _of_kind(raw, dict, key).items():
            check(item, members[1], f"{key}.{name}" if key else name)
    elif kind is tuple:
        for index, item in enumerate(_of_kind(raw, list, key)):
            check(item, members[0], f"{key}[{index}]")
    else:
        _check_leaf(raw, annotation, key)


def closest(name: str, known: Any) -> str:
    """`did you mean "x"?` where one is near, else the list of what there is."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(names)}"


def _check_table(raw: object, struct: type[msgspec.Struct], key: str) -> None:
    table = _of_kind(raw, dict, key)
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    hints = _hints(struct)
    prefix = f"{key}." if key else ""
    for name in table:
        if name not in fields:
            raise ShapeError(f"{prefix}{name}", "unknown key", closest(name, fields))
    for name, field in fields.items():
        if name in table:
            check(table[name], hints[name], f"{prefix}{name}")
        elif field.required:
            raise ShapeError(f"{prefix}{name}", "missing", "add it as docs/integrations.md shows")


@cache
def _hints(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(struct, include_extras=True)


def _check_choice(raw: object, allowed: tuple[str, ...], key: str) -> None:
    if not isinstance(raw, str):
        raise ShapeError(key, f"is {_shown(raw)}", f"write one of {', '.join(allowed)}")
    if raw not in allowed:
        raise ShapeError(key, f'"{raw}" is no answer here', closest(raw, allowed))


def _member_for(raw: object, members: tuple[Any, ...]) -> Any:
    """The member of a union that `raw` was meant for, judged by its TOML type alone."""
    choices = [member for member in members if member is not NoneType]
    for member in choices:
        if _toml_type(member) is type(raw):
            literals = [choice for choice in choices if get_origin(choice) is Literal]
            return Literal[tuple(value for literal in literals for value in get_args(literal))] if literals else member
    return choices[0]


def _toml_type(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _toml_type(get_args(annotation)[0])
    if origin is Literal:
        return str
    if origin is tuple:
        return list
    if origin is dict or (isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)):
        return dict
    return annotation if isinstance(annotation, type) else object


def _of_kind(raw: object, kind: type, key: str) -> Any:
    if not isinstance(raw, kind):
        raise ShapeError(key or "the file", f"is {_shown(raw)}", f"write {NAMES[kind]}")
    return raw


def _check_leaf(raw: object, annotation: Any, key: str) -> None:
    try:
        # A date in quotes would do for msgspec; a file has one way to say a thing.
        msgspec.convert(raw, annotation, builtin_types=(date,) if annotation is date else None)
    except msgspec.ValidationError as error:
        kind = _toml_type(annotation)
        if type(raw) is kind or (kind is float and type(raw) is int):
            raise ShapeError(key, f"is {_shown(raw)}", f"mend it: {error}") from None
        raise ShapeError(key, f"is {_shown(raw)}", f"write {NAMES.get(kind, kind.__name__)}") from None


def _shown(raw: object) -> str:
    if isinstance(raw, Mapping | list):
        return NAMES[dict] if isinstance(raw, Mapping) else NAMES[list]
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, date):
        return str(raw)
    text = repr(raw) if not isinstance(raw, str) else f'"{raw}"'
    return text if len(text) <= 60 else text[:57] + '…"'
