"""`{name}` in the texts of an integration file: which exist, where they may stand, and how they are filled.

`{amount.minor}` names a value; `{tip_on_receipt?later:now}` picks one of two texts; `{{` and `}}` are braces.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from cardpresent.model.live_key import holds_live_key

_TOKEN: Final = re.compile(
    r"\{\{|\}\}|\{(?P<name>[A-Za-z_][\w.]*)(?:\?(?P<yes>[^{}:]*):(?P<no>[^{}]*))?\}",
)

MONEY_FORMS: Final = ("minor", "decimal", "string", "currency")
MONEY: Final = ("amount", "tip", "refund_amount", "eligible", "goods", "tax", "cash", "total")
ABOUT_THE_SALE: Final = frozenset(
    {
        *("sale", "reader", "register", "payment_intent", "refund", "tip_on_receipt", "skip_tipping"),
        *("registration_code", "label", "reader_label"),
        *("reason", "reference"),
        *("moto", "collect_first", "customer", "consent", "form"),
        *(f"{money}.{form}" for money in MONEY for form in MONEY_FORMS),
    },
)
ABOUT_THE_RUN: Final = frozenset(
    {
        *("run.salt", "till", "port", "python", "scratch", "stripe_base", "stripe_key", "webhook_secret"),
        *("location", "connected_account", "till_token", "manager_token", "other_token", "pin"),
    },
)


# What is known of each further process by its name: {processes.web.url}, {processes.web.port}.
ABOUT_A_PROCESS: Final = ("url", "port")


class Placeholder(NamedTuple):
    """One `{…}`: `yes` and `no` are None unless it picks between two texts."""

    name: str
    yes: str | None = None
    no: str | None = None


class MissingValue(LookupError):
    """Nothing fills a placeholder; `name` is the placeholder's, `key` where in the file it stands, if that is known."""

    def __init__(self, name: str, key: str = "") -> None:
        self.name = name
        super().__init__(f"{key}{': ' if key else ''}nothing fills {{{name}}}")


class LiveKeyMade(MissingValue):
    """What stands around a placeholder makes a live key of its value, as `sk_{env.MODE}_…` does of "live"."""

    def __init__(self, text: str) -> None:
        LookupError.__init__(self, f'filling "{text}" makes a live Stripe key of it')
        self.name = text


def found_in(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every placeholder in `value` (text, list, table, nested), as (key path, name)."""
    if isinstance(value, str):
        yield from ((key, match["name"]) for match in _TOKEN.finditer(value) if match["name"])
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from found_in(item, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from found_in(item, f"{key}[{index}]")


def whole(text: str) -> Placeholder | None:
    """The placeholder that `text` consists of, or None when it is anything else."""
    match = _TOKEN.fullmatch(text)
    return Placeholder(match["name"], match["yes"], match["no"]) if match and match["name"] else None


def fill(text: str, value_of: Callable[[str], object]) -> str:
    """`text` with every placeholder replaced. `value_of` raises MissingValue for a name it does not know.

    Raises LiveKeyMade where the whole is a live key and none of its parts was.
    """

    def replaced(match: re.Match[str]) -> str:
        if not match["name"]:
            return match[0][0]
        value = value_of(match["name"])
        if match["yes"] is not None:
            return match["yes"] if value else match["no"]
        return written(value)

    filled = _TOKEN.sub(replaced, text)
    if holds_live_key(filled):
        raise LiveKeyMade(text)
    return filled


def fill_from(text: str, values: Mapping[str, Any]) -> str:
    """`text` filled from a flat mapping of names, and from the environment for {env.NAME}. Raises MissingValue."""

    def value_of(name: str) -> object:
        if name in values:
            return values[name]
        return from_environment(name)

    return fill(text, value_of)


def from_environment(name: str) -> str:
    """The variable that `env.NAME` names. Raises MissingValue for any other name, a variable not set, one whose bytes
    are no text, a live key."""
    value = os.environ.get(name.removeprefix("env.")) if name.startswith("env.") else None
    # A live key must reach no till through us, and no error message either.
    if value is None or holds_live_key(value) or not _is_text(value):
        raise MissingValue(name)
    return value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def written(value: object) -> str:
    """A value inside a longer text: nothing for None, `true`/`false` for claims, else its own text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
