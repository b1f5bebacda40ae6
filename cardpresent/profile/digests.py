"""What a certificate holds an integration file to: two SHA-256, of what the till is and of how it was set up.

The baseline is the till itself: what it is, how it is worked, what it can do, its bounds. The environment is where and
how it ran this time: commands, log-ins, secrets' names, data, logs, what it had to hold under load. A team that runs
the same till on another machine changes the second and not the first.

Each is taken of a canonical form, so that comments, blanks and the order of keys do not matter. Placeholders stand in
it unfilled: no secret of the environment is in it, not even as something to be guessed.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

ENVIRONMENT: Final = frozenset({"process", "processes", "stripe", "auth", "data", "load", "logs", "test_mode"})
# Of a table that is otherwise the till's own.
OF_THE_ENVIRONMENT: Final[Mapping[str, frozenset[str]]] = {"webhooks": frozenset({"secret", "secret_env"})}
SHOPS: Final = "shops"


class Digests(NamedTuple):
    """SHA-256 of each part, in hex."""

    baseline: str
    environment: str


def digests_of(raw: Mapping[str, Any]) -> Digests:
    """Of a parsed file, its shops among them."""
    baseline, environment = _parted(raw)
    return Digests(_digest(baseline), _digest(environment))


def _parted(raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    baseline: dict[str, Any] = {}
    environment: dict[str, Any] = {}
    for name, table in raw.items():
        if name == SHOPS:
            shops = {shop: _parted(over) for shop, over in table.items()}
            baseline[SHOPS] = {shop: parts[0] for shop, parts in shops.items()}
            environment[SHOPS] = {shop: parts[1] for shop, parts in shops.items()}
        elif name in ENVIRONMENT:
            environment[name] = table
        else:
            apart = OF_THE_ENVIRONMENT.get(name, frozenset())
            tables = isinstance(table, Mapping) and bool(apart)
            baseline[name] = {key: value for key, value in table.items() if key not in apart} if tables else table
            if tables and (kept := {key: value for key, value in table.items() if key in apart}):
                environment[name] = kept
    return baseline, environment


def _digest(part: Mapping[str, Any]) -> str:
    canonical = json.dumps(_plain(part), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """5 and 5.0 are the same number to whoever wrote the file."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
