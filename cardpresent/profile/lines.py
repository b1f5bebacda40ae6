"""On which line of a TOML text a key stands: near enough to jump there, without a second parser."""

import re
from collections import Counter
from typing import Final

_HEADER: Final = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<name>[^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"""^\s*(?P<name>"[^"]+"|'[^']+'|[\w.\-]+)\s*=""")
_INDEX: Final = re.compile(r"\[\d+\]")


def line_of(text: str, key: str) -> int | None:
    """The line (from 1) of the longest part of the dotted `key` that has one; None when no part has.

    >>> line_of('[till]\\nname = "x"', "till.name")
    2
    """
    places = _places(text)
    while key:
        if key in places:
            return places[key]
        bare = _INDEX.sub("", key)
        if bare != key and bare in places:
            return places[bare]
        key = _shorter(key)
    return None


def _shorter(key: str) -> str:
    if key.endswith("]"):
        return key[: key.rindex("[")]
    return key.rpartition(".")[0]


def _places(text: str) -> dict[str, int]:
    places: dict[str, int] = {}
    seen: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _bare(header["name"])
            if header["open"] == "[[":
                seen[table] += 1
                table = f"{table}[{seen[table] - 1}]"
            places.setdefault(table, number)
        elif key := _KEY.match(line):
            name = _bare(key["name"])
            places.setdefault(f"{table}.{name}" if table else name, number)
    return places


def _bare(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
