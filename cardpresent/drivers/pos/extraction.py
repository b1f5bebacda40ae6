"""Reads one value out of a till's answer: by JSONPath, CSS, regular expression, header, cookie or redirect.

A till may answer anything at all, so nothing here raises: what is not there, or not readable, is None.
"""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urljoin

import msgspec
from jsonpath import JSONPath
from jsonpath import compile as compile_path
from jsonpath.exceptions import JSONPathError

from cardpresent.drivers.pos.templates import Values
from cardpresent.drivers.pos.transport import TillAnswer
from cardpresent.profile import placeholders
from cardpresent.profile.schema import Extract, Extraction


class Reading:
    """One answer, opened for reading; its JSON or HTML is parsed once, and only if somebody asks.

    `url` is what was asked; `newest` says which PaymentIntent the till has made at Stripe since then, None where that
    cannot be told.
    """

    def __init__(
        self, answer: TillAnswer, values: Values, url: str = "", newest: Callable[[], str | None] = lambda: None
    ) -> None:
        self.answer = answer
        self._values = values
        self._url = url
        self._newest = newest

    @cached_property
    def text(self) -> str:
        return self.answer.text

    @cached_property
    def _json(self) -> Any:
        try:
            return msgspec.json.decode(self.answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    @cached_property
    def _page(self) -> Any:
        # A fifth of a second to import, for tills that answer with pages alone.
        from bs4 import BeautifulSoup
        from bs4.exceptions import ParserRejectedMarkup

        try:
            return BeautifulSoup(self.text, "html.parser")
        except (ParserRejectedMarkup, RecursionError):
            return BeautifulSoup("", "html.parser")

    def find(self, extract: Extract) -> str | None:
        """The value as text, or None where the answer has none (JSON null counts as none)."""
        if isinstance(extract, str):
            return self._by_jsonpath(extract)
        return self._by_table(extract)

    def _by_table(self, extract: Extraction) -> str | None:
        ways: tuple[tuple[object, Callable[[], str | None]], ...] = (
            (extract.jsonpath, lambda: self._by_jsonpath(extract.jsonpath or "")),
            (extract.regex, lambda: _matched(extract.regex or "", self.text)),
            (extract.css, lambda: self._by_css(extract.css or "", extract.attribute)),
            (extract.header, lambda: self.answer.header(extract.header or "")),
            (extract.cookie, lambda: cookies_of(self.answer).get(extract.cookie or "")),
            (extract.redirect, lambda: self._redirected(extract.redirect or False)),
            (extract.newest, self._newest),
        )
        given = next((found for key, found in ways if key is not None), None)
        return given() if given else self._filled(extract.constant or "")

    def _by_css(self, selector: str, attribute: str | None) -> str | None:
        """The first element's text with its blanks made one, or an attribute of it."""
        from soupsieve import SelectorSyntaxError

        filled = self._filled(selector, quote=("'", '"'))
        if filled is None:
            return None
        try:
            element = self._page.select_one(filled)
        except (SelectorSyntaxError, RecursionError):
            return None
        if element is None:
            return None
        if attribute is None:
            return " ".join(element.get_text(" ").split())
        value = element.get(attribute)
        return " ".join(value) if isinstance(value, list) else value

    def _redirected(self, wanted: bool | str) -> str | None:
        """The address that a 3xx answer points at, absolute; or what a regular expression finds in it."""
        location = self.answer.header("location")
        if location is None or not 300 <= self.answer.status <= 399:
            return None
        try:
            address = urljoin(self._url, location)
        except ValueError:
            return None  # no address, as http://[ is none
        return _matched(wanted, address) if isinstance(wanted, str) else address

    def _by_jsonpath(self, path: str) -> str | None:
        filled = self._filled(path, quote=("'",))
        if filled is None or self._json is None:
            return None
        try:
            match = _compiled(filled).match(self._json)
            return as_text(match.obj) if match is not None else None
        except (JSONPathError, TypeError, ValueError, RecursionError):
            return None

    def _filled(self, template: str, *, quote: tuple[str, ...] = ()) -> str | None:
        """`quote`: the marks between which a value may stand, so that none of its own ends it."""

        def value_of(name: str) -> object:
            value = self._values.of(name)
            if not quote or not isinstance(value, str):
                return value
            for mark in ("\\", *quote):
                value = value.replace(mark, f"\\{mark}")
            return value

        try:
            return placeholders.fill(template, value_of)
        except placeholders.MissingValue:
            return None


def _matched(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return (found[1] if found.re.groups else found[0]) if found else None


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
