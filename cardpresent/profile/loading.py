"""From the bytes of `cardpresent.toml` to an Integration, or one sentence on why not."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from cardpresent.profile.digests import Digests, digests_of
from cardpresent.profile.errors import IntegrationError
from cardpresent.profile.integration import MAIN, Integration
from cardpresent.profile.lines import line_of
from cardpresent.profile.rules import check_rules
from cardpresent.profile.schema import File, Operation
from cardpresent.profile.shape import ShapeError, check
from cardpresent.profile.shops import SHOPS, TEST_MODE, in_test_mode, overlays, place_in
from cardpresent.profile.vocabulary import Verb

LIVE_KEY: Final = re.compile(rb"(?<![A-Za-z0-9])[sr]k_live_")
SHOP_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_SYNTAX_PLACE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


def load(path: Path, venue: str = "emulator") -> Integration:
    """The till that the file at `path` describes, as it is where Stripe is the emulator or its "test" mode.

    Raises IntegrationError, whose text is the one sentence to print.
    """
    _, text, raw = document(path)
    try:
        check(raw, File)
        digests = digests_of(raw)
        # What is said of test mode alone has to be sound wherever the file is used.
        here, there = ({key: value for key, value in raw.items() if key != TEST_MODE}, in_test_mode(raw))
        _tills(path, digests, there)
        main, shops = _tills(path, digests, there if venue == "test" else here)
    except ShapeError as error:
        raise IntegrationError(path, error.key, error.problem, error.fix, line_of(text, error.key)) from None
    except msgspec.ValidationError as error:
        raise IntegrationError(path, "", str(error), "compare it with docs/integrations.md") from None
    return replace(main, shops=MappingProxyType(shops))


def document(path: Path) -> tuple[bytes, str, dict[str, Any]]:
    """A TOML file as bytes, as text and as parsed. Raises IntegrationError; a live key is refused first of all."""
    content = _content(path)
    if place := LIVE_KEY.search(content):
        line = content.count(b"\n", 0, place.start()) + 1
        raise IntegrationError(
            path, "", "holds a live Stripe key (sk_live_… or rk_live_…)", "remove it: a run mints a test key", line
        )
    text = _text(path, content)
    return content, text, _document(path, text)


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
