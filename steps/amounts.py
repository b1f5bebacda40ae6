"""Amounts are parsed once, at the edge: `{amount:Money}` in a step takes `20.00 USD` and nothing else."""

from collections.abc import Callable
from typing import Any, Final

from cardpresent.model.money import Money


def money(text: str) -> Money:
    return Money.parse(text)


# What `parse` reads off a converter to know which text it takes.
money.pattern = r"[\d,]+(?:\.\d+)? [A-Z]{3}"  # type: ignore[attr-defined]


TYPES: Final[dict[str, Callable[[str], Any]]] = {"Money": money}
