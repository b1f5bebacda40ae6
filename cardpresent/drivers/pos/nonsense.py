"""What anybody on the shop's network may send to a till: broken, absurd and out of place, and never a sale.

Built from the till's own operations and about a sale that it has, so it reaches the code behind them. That sale is
paid, and where money could move again the amount itself makes no sense. Seeded, so that a run can be repeated.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cardpresent.profile.integration import Integration
from cardpresent.profile.schema import Request

JSON: Final = "application/json"
# What a path names where the sale has nothing to name.
NOBODY: Final = "nobody-s"
# They close a day or hand out a token whatever the body says: an answer to them proves nothing.
HEEDLESS: Final = frozenset({"end_of_day", "connection_token"})
# A till may take a refund without an amount for one of all that is left.
NEEDS_AMOUNT: Final = frozenset({"refund_sale"})
DEPTH: Final = 20_000
MOST: Final = 64  # requests; a till answers them in a fraction of a second

# Bodies that are wrong whatever is asked. A half of a character is valid JSON and no valid text.
BODIES: Final[tuple[tuple[str, str, bytes], ...]] = (
    ("a body cut short", JSON, b'{"amount": "2'),
    ("no body", JSON, b""),
    ("a list for a body", JSON, b"[1, 2, 3]"),
    ("null for a body", JSON, b"null"),
    ("bytes that are no text", JSON, b'{"amount": "\xff\xfe"}'),
    ("a body nested beyond measure", JSON, b"[" * DEPTH),
    ("a form in place of JSON", "application/x-www-form-urlencoded", b"amount[]=1&amount[x]=2"),
    ("XML in place of JSON", "text/xml", b'<?xml version="1.0"?><sale amount="two"/>'),
)
# What stands in place of every value of a body.
VALUES: Final[tuple[tuple[str, Any], ...]] = (
    ("half a character for every value", "\ud800"),
    ("a number beyond measure for every value", 10**40),
    ("a list for every value", [[]]),
    ("an object for every value", {"$ne": None}),
    ("a text beyond measure for every value", "x" * 20_000),
)
IDS: Final = ("%00", "%ED%A0%80", "..%2f..%2f..%2fetc%2fpasswd", "'%20OR%201=1--", "x" * 5_000, "%7B%7B7*7%7D%7D")
METHODS: Final = ("DELETE", "PUT", "PATCH", "OPTIONS", "PROPFIND")
# Where frameworks keep what helps their developers.
UNKNOWN: Final = (
    "/there-is-no-such-page", "/.env", "/.git/config", "/config", "/debug", "/console", "/actuator/env",
    "/server-status", "/phpinfo.php", "/metrics", "/openapi.json", "/swagger.json", "/package.json", "/settings.py",
    "/_debugbar/open",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Knock:
    """One request as it goes out: path and bytes as they are, and in whose name."""

    what: str
    method: str
    path: str
    kind: str | None = None
    body: bytes | None = None
    role: str = "cashier"
    verb: str = ""


def nonsense(integration: Integration, known: Mapping[str, str], seed: int) -> list[Knock]:
    """At most MOST requests, all that can be wrong with a start of a sale and every other way of making no sense among
    them, in an order that the seed decides. `known`: what the till gave back about a sale that is paid."""
    rng = random.Random(f"nonsense {seed}")
    everything = [*_bodies(integration, known), *_paths(integration), *_elsewhere(integration, known)]
    chosen = [knock for knock in everything if knock.verb == "start_sale" and knock.body is not None]
    kinds: dict[str, list[Knock]] = {}
    for knock in everything:
        kinds.setdefault(knock.what, []).append(knock)
    chosen += [rng.choice(of_kind) for of_kind in kinds.values()]
    rest = [knock for knock in everything if knock not in chosen]
    chosen += rng.sample(rest, max(0, min(MOST - len(chosen), len(rest))))
    return rng.sample(chosen, len(chosen))


def _asked(integration: Integration) -> Iterator[tuple[str, Request, str]]:
    """(verb, request, role) of everything the till can be asked over HTTP on its own address."""
    for verb, operation in integration.operations.items():
        for request in operation.requests:
            if request.path and request.path.startswith("/"):
                yield verb, request, request.role or operation.role or "cashier"


def _bodies(integration: Integration, known: Mapping[str, str]) -> Iterator[Knock]:
    for verb, request, role in _asked(integration):
        method, path = request.method or "GET", _filled(request.path, known)
        if method == "GET" or verb in HEEDLESS:
            continue
        for what, kind, body in BODIES if verb not in NEEDS_AMOUNT else ():
            yield Knock(what, method, path, kind, body, role, verb)
        for what, value in VALUES:
            if isinstance(request.json, dict) and request.json:
                body = json.dumps(dict.fromkeys(request.json, value)).encode()
                yield Knock(what, method, path, JSON, body, role, verb)
    if integration.webhooks and integration.webhooks.path.startswith("/"):
        for what, kind, body in BODIES:
            yield Knock(what, "POST", integration.webhooks.path, kind, body, "none")


def _paths(integration: Integration) -> Iterator[Knock]:
    """Ids that no sale has, where a path names one. Reads only: nothing can come of them."""
    for verb, request, role in _asked(integration):
        if "{" in (request.path or "") and (request.method or "GET") == "GET":
            for odd in IDS:
                yield Knock(f"an id like {odd[:12]}", "GET", _filled(request.path, {}, odd), role=role, verb=verb)


def _elsewhere(integration: Integration, known: Mapping[str, str]) -> Iterator[Knock]:
    for verb, request, role in _asked(integration):
        for method in METHODS:
            if method not in _methods(integration, request.path):
                yield Knock(f"a stray {method}", method, _filled(request.path, known), role=role, verb=verb)
    for path in UNKNOWN:
        yield Knock(f"a look at {path}", "GET", path, role="none")


def _methods(integration: Integration, path: str | None) -> set[str | None]:
    """What is meant when it is sent to this path."""
    return {request.method for _, request, _ in _asked(integration) if request.path == path}


def _filled(path: str | None, known: Mapping[str, str], otherwise: str = NOBODY) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda found: known.get(found[1], otherwise), path or "/")
