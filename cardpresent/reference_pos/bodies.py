"""What the body of a request at a till may hold; whatever makes no sense is told in one sentence."""

import json
from typing import Any, Final

from .money import MoneyError, minor

AMOUNT_MAX: Final = 99_999_999


class BadRequest(Exception):
    """The request makes no sense; the argument is one clear sentence for whoever sent it."""


def json_object(raw: bytes) -> dict[str, Any]:
    """The body as an object; an empty one where nothing was sent. Raises BadRequest."""
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise BadRequest("the body must be JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """Raises BadRequest."""
    value = body.get(name, default)
    if not isinstance(value, str) or not value or len(value) > 100:
        raise BadRequest(f"{name} must be a text of 1 to 100 characters")
    return value


def money(body: dict[str, Any], name: str, currency: str, *, least: int = 1) -> int:
    """Minor units as a JSON integer, or a price as typed ("4.25") as a JSON string. Raises BadRequest."""
    value = body.get(name)
    if isinstance(value, str):
        try:
            value = minor(value, currency)
        except MoneyError as error:
            raise BadRequest(f"{name}: {error}") from None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= AMOUNT_MAX:
        raise BadRequest(f"{name} must be an amount from {least} to {AMOUNT_MAX} minor units")
    return value
