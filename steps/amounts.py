"""Amounts are parsed once, at the edge: `{amount:Money}` in a step takes `20.00 USD` and nothing else.

Before a scenario begins, its steps are put in the money of the shop: from then on everybody, and whoever reads the
report, sees what was really asked.
"""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from cardpresent.launch.asking import CURRENCY_MATTERS
from cardpresent.model.money import Money
from cardpresent.profile.prices import Prices


def money(text: str) -> Money:
    return Money.parse(text)


# What `parse` reads off a converter to know which text it takes.
money.pattern = r"[\d,]+(?:\.\d+)? [A-Z]{3}"  # type: ignore[attr-defined]


TYPES: Final[dict[str, Callable[[str], Any]]] = {"Money": money}
_WRITTEN: Final = re.compile(rf"(?<![\w.,]){money.pattern}\b")  # type: ignore[attr-defined]


def amounts_in(texts: Iterable[str]) -> list[Money]:
    """Every amount that the steps name, in their order."""
    return [money(found) for text in texts for found in _WRITTEN.findall(text)]


def reworded(texts: Collection[str], tags: Collection[str], prices: Prices) -> list[str]:
    """The steps of a scenario with each amount in the money of the shop, unless its currency is what it is about.

    Raises NoSuchPrice.
    """
    if any(tag.startswith(CURRENCY_MATTERS) for tag in tags):
        return list(texts)
    stands_for = prices.of_scenario(amounts_in(texts))
    return [_WRITTEN.sub(lambda found: str(stands_for[money(found[0])]), text) for text in texts]
