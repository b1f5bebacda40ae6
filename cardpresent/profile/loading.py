"""From the bytes of `cardpresent.toml` to an Integration, or one sentence on why not."""

import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from cardpresent.model.live_key import LIVE_KEY
from cardpresent.profile.digests import Digests, digests_of
from cardpresent.profile.errors import IntegrationError
from cardpresent.profile.integration import MAIN, Integration
from cardpresent.profile.leaves import LIVE_FIX, LIVE_PROBLEM, check_leaves
from cardpresent.profile.lines import line_of
from cardpresent.profile.rules import check_rules
from cardpresent.profile.schema import File, Operation
from cardpresent.profile.shape import ShapeError, check
from cardpresent.profile.shops import SHOPS, TEST_MODE, in_test_mode, overlays, place_in, place_in_test_mode
from cardpresent.profile.vocabulary import Verb

SHOP_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
# Ours have a few hundred lines. What is larger is no description of a till, and not read to its end.
BYTES_MAX: Final = 1024 * 1024
_SYNTAX_PLACE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


def load(path: Path, venue: str = "emulator") -> Integration:
    """The till that the file at `path` describes, as it is where Stripe is the emulator or its "test" mode.

    Raises IntegrationError, whose text is the one sentence to print.
    """
    _, text, raw = document(path)
    try:
        check(raw, File)
        _nothing_unread(raw)
        digests = digests_of(raw)
        here = {key: value for key, value in raw.items() if key != TEST_MODE}
        # What is said of test mode alone has to be sound wherever the file is used.
        there = _tills_in_test_mode(path, digests, raw)
        main, shops = there if venue == "test" else _tills(path, digests, here)
    except ShapeError as error:
        raise IntegrationError(path, error.key, error.problem, error.fix, line_of(text, error.key)) from None
    except msgspec.ValidationError as error:
        raise IntegrationError(path, "", str(error), "compare it with docs/integrations.md") from None
    return replace(main, shops=MappingProxyType(shops))


def document(path: Path) -> tuple[bytes, str, dict[str, Any]]:
    """A TOML file as bytes, as text and as parsed. Raises IntegrationError; a live key is refused first of all."""
    content = _content(path)
    if place := LIVE_KEY.search(content.decode("latin-1")):
        line = content.count(b"\n", 0, place.start()) + 1
        raise IntegrationError(path, "", LIVE_PROBLEM, LIVE_FIX, line)
    text = _text(path, content)
    raw = _document(path, text)
    try:
        check_leaves(raw)
    except ShapeError as error:
        raise IntegrationError(path, error.key, error.problem, error.fix, line_of(text, error.key)) from None
    return content, text, raw


def _nothing_unread(raw: Mapping[str, Any]) -> None:
    """A shop has no shops and no test mode of its own, and test mode no test mode: nobody would read them."""
    for name, over in raw.get(SHOPS, {}).items():
        for inner in (SHOPS, TEST_MODE):
            if inner in over:
                raise ShapeError(f"{SHOPS}.{name}.{inner}", "stands in a shop, where nobody reads it",
                                 f"write [{inner}] once, for the whole file")  # fmt: skip
    if TEST_MODE in raw.get(TEST_MODE, {}):
        raise ShapeError(f"{TEST_MODE}.{TEST_MODE}", "stands in itself", f"write what it says under [{TEST_MODE}]")


def _tills_in_test_mode(
    path: Path, digests: Digests, raw: dict[str, Any]
) -> tuple[Integration, dict[str, Integration]]:
    there = in_test_mode(raw)
    try:
        check(there, File)
        _nothing_unread(there)
        return _tills(path, digests, there)
    except ShapeError as error:
        key = place_in_test_mode(raw, error.key)
        problem = error.problem if key == error.key else f"in test mode: {error.problem}"
        raise ShapeError(key, problem, error.fix) from None


def _tills(path: Path, digests: Digests, raw: dict[str, Any]) -> tuple[Integration, dict[str, Integration]]:
    main = _integration(path, digests, _file({key: value for key, value in raw.items() if key != SHOPS}))
    return main, {name: _shop(path, digests, raw, name, over) for name, over in overlays(raw)}


def _file(raw: dict[str, Any]) -> File:
    check(raw, File)
    file = msgspec.convert(raw, File)
    check_rules(file, raw)
    return file


def _shop(path: Path, digests: Digests, raw: dict[str, Any], name: str, over: dict[str, Any]) -> Integration:
    if not SHOP_NAME.fullmatch(name) or name == MAIN:
        raise ShapeError(f"{SHOPS}.{name}", "is no name for a shop", f"use small letters, digits and _, and not {MAIN}")
    try:
        return replace(_integration(path, digests, _file(over)), shop=name)
    except ShapeError as error:
        raise ShapeError(place_in(raw, name, error.key), f"in shop {name}: {error.problem}", error.fix) from None


def _content(path: Path) -> bytes:
    try:
        about = path.stat()
        if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
            # It is read more than once, and a pipe or a device may never end.
            raise IntegrationError(path, "", "is no ordinary file", "save what it says in one, and give that path")
        if about.st_size > BYTES_MAX:
            problem = f"has {about.st_size:,} bytes, and no more than {BYTES_MAX:,} are read"
            raise IntegrationError(path, "", problem, "give the path of the file that describes your till")
        return path.read_bytes()
    except FileNotFoundError:
        raise IntegrationError(
            path, "", "there is no such file", "give its path, or write one with `cardpresent init`"
        ) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise IntegrationError(path, "", f"cannot be read ({reason})", "give the path of a readable file") from None


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise IntegrationError(path, "", "is not UTF-8 text", "save it as UTF-8", line) from None


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _SYNTAX_PLACE.search(str(error))
        problem = _SYNTAX_PLACE.sub("", str(error))
        line = int(place[1]) if place else None
        raise IntegrationError(path, "", f"is no valid TOML: {problem}", "mend the syntax there", line) from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits.
        raise IntegrationError(path, "", "holds a number with thousands of digits", "take it out") from None
    except RecursionError:
        raise IntegrationError(path, "", "nests too deep", "no till needs so many lists in each other") from None


def _integration(path: Path, digests: Digests, file: File) -> Integration:
    return Integration(
        path=path.absolute(),
        digests=digests,
        till=file.till,
        process=file.process,
        processes=MappingProxyType(file.processes),
        stripe=file.stripe,
        auth=file.auth,
        reader=file.reader,
        identity=file.identity,
        timing=file.timing,
        operations=MappingProxyType(cast(dict[Verb, Operation], file.operations)),
        webhooks=file.webhooks,
        capabilities=MappingProxyType(file.capabilities),
        page=file.page,
        adapter=file.adapter,
        data=file.data,
        offline=file.offline,
        load=file.load,
        clock=file.clock,
        logs=file.logs,
    )
