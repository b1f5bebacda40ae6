"""What a file takes from the shell because it must not stand in the file.

It has to be there before anything is started, and no evidence may hold it.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from cardpresent.profile import Integration
from cardpresent.profile.placeholders import MissingValue, found_in, from_environment

# A word of everyday life, taken out of the evidence wherever it stands, would make it unreadable: a secret has letters,
# figures and some length, and is no address and no path.
_TOKEN: Final = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[^\s/:]{12,}")


def tokens_of(integration: Integration) -> tuple[str, ...]:
    """The values of `{env.NAME}` in the file that look like a secret: in log-ins, headers, bodies, the till's own
    settings."""
    names = {name.removeprefix("env.") for _, name in _named(integration) if name.startswith("env.")}
    values = (os.environ.get(name, "") for name in sorted(names))
    return tuple(value for value in values if _TOKEN.fullmatch(value))


def must_be_set(till: Integration) -> None:
    """Raises MissingValue, with its key, for the first `{env.NAME}` of this till that the shell does not hold: else a
    request that cannot be written would be taken for a till that does not answer."""
    for key, name in _named_by(till):
        if name.startswith("env."):
            try:
                from_environment(name)
            except MissingValue:
                raise MissingValue(name, key) from None


def _named(integration: Integration) -> Iterator[tuple[str, str]]:
    for shop in integration.every_shop.values():
        yield from _named_by(shop)


def _named_by(till: Integration) -> Iterator[tuple[str, str]]:
    """Every placeholder of what is started, sent and filled in, with its key."""
    for table in ("process", "processes", "auth", "operations", "data", "clock", "page", "webhooks", "logs"):
        part: Any = getattr(till, table)
        yield from found_in(msgspec.to_builtins(dict(part) if isinstance(part, Mapping) else part), table)
