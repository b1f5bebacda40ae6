"""One event on its way to one endpoint."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec


class Address(msgspec.Struct, frozen=True):
    """Where an endpoint's deliveries go now. `secrets` sign them, both while one is rolled; `old_secret` was rolled
    last, whether it still signs or not. `key` is in the clear, as the secrets are: never write them down."""

    endpoint: str
    kind: Literal["webhook", "forward", "cli"]
    url: str
    enabled: bool
    secrets: tuple[str, ...]
    secret: str
    old_secret: str | None
    key: str
    api_version: str | None


class Delivery(msgspec.Struct, frozen=True):
    """`id` is the venue's, empty for one that it knows nothing of. `attempt` counts from 1. `staging` says what was
    done to it on purpose: None for nothing, else "duplicate", "withheld", "reordered", "late". `copies` of it are sent,
    one after the other or, if `concurrent`, all at once; none means that it got lost where Stripe cannot see it."""

    id: str
    endpoint: str
    event: str
    type: str
    object: str | None
    body: bytes
    attempt: int = 1
    staging: str | None = None
    copies: int = 1
    concurrent: bool = False


def type_matches(event_type: str, patterns: Sequence[str]) -> bool:
    """Whether any pattern covers the type: itself, "terminal.reader.*", or "*"."""
    return any(pattern in ("*", event_type) or fnmatchcase(event_type, pattern) for pattern in patterns)


def object_of(event: Mapping[str, Any]) -> str | None:
    """The id of the object the event is about."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, Mapping) else None
    found = about.get("id") if isinstance(about, Mapping) else None
    return found if isinstance(found, str) else None
