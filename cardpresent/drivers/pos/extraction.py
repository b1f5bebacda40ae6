"""Reads one value out of a till's answer: by JSONPath, regular expression, header or cookie.

A till may answer anything at all, so nothing here raises: what is not there, or not readable, is None.
"""

import re
from functools import cached_property, lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

import msgspec
from jsonpath import JSONPath
from jsonpath import compile as compile_path
from jsonpath.exceptions import JSONPathError

from cardpresent.drivers.pos.templates import Values
from cardpresent.drivers.pos.transport import TillAnswer
from cardpresent.profile import placeholders
from cardpresent.profile.schema import Extract, Extraction


class Reading:
    """One answer, opened for reading; its JSON is parsed once, and only if somebody asks."""

    def __init__(self, answer: TillAnswer, values: Values) -> None:
        self.answer = answer
        self._values = values

    @cached_property
    def text(self) -> str:
        return self.answer.text

    @cached_property
    def _json(self) -> Any:
        try:
            return msgspec.json.decode(self.answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def find(self, extract: Extract) -> str | None:
        """The value as text, or None where the answer has none (JSON null counts as none)."""
        if isinstance(extract, str):
            return self._by_jsonpath(extract)
        return self._by_table(extract)

    def _by_table(self, extract: Extraction) -> str | None:
        if extract.jsonpath is not None:
            return self._by_jsonpath(extract.jsonpath)
        if extract.regex is not None:
            found = re.search(extract.regex, self.text)
            return (found[1] if found.re.groups else found[0]) if found else None
        if extract.header is not None:
            return self.answer.header(extract.header)
        if extract.cookie is not None:
            return cookies_of(self.answer).get(extract.cookie)
        return self._filled(extract.constant or "")

    def _by_jsonpath(self, path: str) -> str | None:
        filled = self._filled(path, quote=True)
        if filled is None or self._json is None:
            return None
        try:
            match = _compiled(filled).match(self._json)
        except (JSONPathError, TypeError, ValueError):
            return None
        return as_text(match.obj) if match is not None else None

    def _filled(self, template: str, *, quote: bool = False) -> str | None:
        def value_of(name: str) -> object:
            value = self._values.of(name)
            return value.replace("\\", "\\\\").replace("'", "\\'") if quote and isinstance(value, str) else value

        try:
            return placeholders.fill(template, value_of)
        except placeholders.MissingValue:
            return None


def cookies_of(answer: TillAnswer) -> dict[str, str]:
    """The cookies an answer sets, by name; a malformed one is passed over."""
    found: dict[str, str] = {}
    for name, value in answer.headers:
        if name == "set-cookie":
            try:
                found.update((morsel.key, morsel.value) for morsel in SimpleCookie(value).values())
            except CookieError:
                continue
    return found


def as_text(value: object) -> str | None:
    """A JSON value as the text outcome tables compare: true, 12, 12.5, paid; None for null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=256)
def _compiled(path: str) -> JSONPath:
    compiled = compile_path(path)
    if not isinstance(compiled, JSONPath):
        raise JSONPathError("a compound path has no single value")
    return compiled
