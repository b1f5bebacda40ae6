"""The further tills of one file: each `[shops.NAME]` laid over the file, and the result read as a file of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

SHOPS: Final = "shops"
TEST_MODE: Final = "test_mode"


def overlays(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, whole file as that shop has it) for every shop of a parsed file, in its order."""
    base = {key: value for key, value in raw.items() if key != SHOPS}
    for name, over in raw.get(SHOPS, {}).items():
        yield name, laid_over(base, over)


def in_test_mode(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The file as it is where the Stripe behind the till is Stripe's test mode: `[test_mode]` laid over it."""
    return laid_over({key: value for key, value in raw.items() if key != TEST_MODE}, raw.get(TEST_MODE, {}))


def laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the tables of `over` merged into its own; everything that is no table is replaced.

    `false` in the place of a table takes it away: a shop may have no page, no webhooks, or not that operation.

    >>> laid_over({"till": {"name": "Main", "country": "US"}}, {"till": {"country": "JP"}})
    {'till': {'name': 'Main', 'country': 'JP'}}
    """
    merged = dict(base)
    for key, value in over.items():
        mine = merged.get(key)
        if value is False and isinstance(mine, Mapping):
            del merged[key]
            continue
        merged[key] = laid_over(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return merged


def place_in(raw: Mapping[str, Any], shop: str, key: str) -> str:
    """Where in the file a key of a shop stands: in its own table if that says it, else where it was laid over."""
    return f"{SHOPS}.{shop}.{key}" if _says(raw[SHOPS][shop], key) else key


def place_in_test_mode(raw: Mapping[str, Any], key: str) -> str:
    """The same for what is laid over the file in test mode."""
    return f"{TEST_MODE}.{key}" if _says(raw.get(TEST_MODE, {}), key) else key


def _says(said: Any, key: str) -> bool:
    for part in key.split("."):
        if not isinstance(said, Mapping) or part not in said:
            return False
        said = said[part]
    return True
