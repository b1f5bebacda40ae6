"""What may stand nowhere in a parsed file, whatever the key: a live key in disguise, a NUL, a number that is none."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cardpresent.model.live_key import holds_live_key
from cardpresent.profile.shape import ShapeError

LIVE_PROBLEM: Final = "holds a live Stripe key (sk_live_… or rk_live_…)"
LIVE_FIX: Final = "remove it: a run mints a test key"
# Far more than any till needs, and little enough that whoever walks through it comes back.
DEEPEST: Final = 100
# TOML's own bound, which Python does not keep.
WIDEST: Final = 2**63 - 1


def check_leaves(raw: Mapping[str, Any]) -> None:
    """Raise ShapeError for the first text or number of a parsed TOML document that no key can take.

    A live key is looked for again here: TOML may write one as `sk\\u005flive\\u005f…`, which the file's bytes do not
    show.
    """
    for key, value, depth in _leaves(raw):
        if depth > DEEPEST:
            raise ShapeError(_head(key), "nests too deep", f"no till needs more than {DEEPEST} tables in each other")
        if isinstance(value, str) and holds_live_key(value):
            raise ShapeError("", LIVE_PROBLEM, LIVE_FIX)
        if isinstance(value, str) and "\0" in value:
            raise ShapeError(_head(key), "holds a NUL character", "take it out: no program and no path can hold one")
        if isinstance(value, int) and abs(value) > WIDEST:
            raise ShapeError(key, "is larger than any number can be here", "write the number that is meant")
        if isinstance(value, float) and not math.isfinite(value):
            raise ShapeError(key, f"is {value}", "write a number that has an end")


def _leaves(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Every name and every value, tables and lists excepted where they are no deeper than DEEPEST. Never recurses."""
    left: list[tuple[str, Any, int]] = [("", raw, 0)]
    while left:
        key, value, depth = left.pop()
        if depth > DEEPEST:
            yield key, value, depth
        elif isinstance(value, Mapping):
            for name, item in value.items():
                yield key, name, depth
                left.append((f"{key}.{name}" if key else name, item, depth + 1))
        elif isinstance(value, list):
            left.extend((f"{key}[{index}]", item, depth + 1) for index, item in enumerate(value))
        else:
            yield key, value, depth


def _head(key: str) -> str:
    """Enough of a key to find it by; one that nests without end would fill the screen."""
    return ".".join(key.split(".")[:4])
