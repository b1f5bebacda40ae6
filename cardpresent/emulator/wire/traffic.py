"""The calls an account has been sent and how they were answered, to be read back through the control API.

The newest few thousand are kept. Values that let somebody in or pay are taken out when they are shown.
"""

from collections import deque
from typing import Any, Final, NamedTuple

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.wire.form import parse_form
from cardpresent.emulator.wire.multipart import MULTIPART
from cardpresent.emulator.wire.request import Request

KEPT: Final = 5_000
_BODY_KEPT_BYTES: Final = 32 * 1024
_TOO_LONG: Final = b"(body)=(too long to keep)"
_SECRET: Final = frozenset(
    {"client_secret", "secret", "password", "admin_menu_passcode", "cvc", "number", "private_key_file_password"}
)


class Told(NamedTuple):
    """One call and its answer. `at` in Unix seconds of account time; `error` is Stripe's code, or its type."""

    at: int
    request: Request
    status: int
    request_id: str
    version: str
    replayed: bool
    error: str | None


class Traffic:
    """One account's calls, numbered from 1."""

    __slots__ = ("_told", "last")

    def __init__(self) -> None:
        self._told: deque[Told] = deque(maxlen=KEPT)
        self.last = 0

    def note(self, told: Told) -> None:
        self.last += 1
        if len(told.request.body) > _BODY_KEPT_BYTES:
            told.request.body = _TOO_LONG
        self._told.append(told)

    def after(self, number: int, limit: int) -> list[JsonObject]:
        """Up to `limit` calls beyond `number`, oldest first, as JSON."""
        first = self.last - len(self._told) + 1
        skip = max(0, number + 1 - first)
        chosen = list(self._told)[skip : skip + limit]
        return [_shown(first + skip + place, told) for place, told in enumerate(chosen)]


def _shown(number: int, told: Told) -> JsonObject:
    request = told.request
    text = request.query
    if request.body and not request.content_type.startswith(MULTIPART):
        body = request.body.decode("utf-8", "replace")
        text = f"{text}&{body}" if text else body
    return {
        "n": number, "at": told.at, "method": request.method, "path": request.path, "params": _clean(parse_form(text)),
        "idempotency_key": request.key or None, "replayed": told.replayed, "status": told.status,
        "error": told.error, "request_id": told.request_id, "version": told.version,
    }


def _clean(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: "(removed)" if name in _SECRET and not isinstance(inner, dict) else _clean(inner)
        for name, inner in value.items()
    }
