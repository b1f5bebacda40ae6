"""What a file takes from the shell because it must not stand in the file: no evidence may hold it either."""

import os
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from cardpresent.profile import Integration
from cardpresent.profile.placeholders import found_in

# A word of everyday life, taken out of the evidence wherever it stands, would make it unreadable: a secret has letters,
# figures and some length, and is no address and no path.
_TOKEN: Final = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[^\s/:]{12,}")


def tokens_of(integration: Integration) -> tuple[str, ...]:
    """The values of `{env.NAME}` in the file that look like a secret: in log-ins, headers, bodies, the till's own
    settings."""
    names = {name.removeprefix("env.") for _, name in _named(integration) if name.startswith("env.")}
    values = (os.environ.get(name, "") for name in sorted(names))
    return tuple(value for value in values if _TOKEN.fullmatch(value))


def _named(integration: Integration) -> Iterator[tuple[str, str]]:
    for shop in integration.every_shop.values():
        told: Any = (shop.auth, shop.operations, shop.process, shop.processes, shop.data, shop.clock, shop.page)
        for part in told:
            yield from found_in(_plain(part))


def _plain(part: Any) -> Any:
    return msgspec.to_builtins(dict(part) if hasattr(part, "items") else part)
