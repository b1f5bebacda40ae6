"""Metadata: Stripe's limits, and how an update merges into what is there."""

from typing import Any, Final

from cardpresent.emulator.errors import invalid
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.wire.params import UNSET

KEYS_MAX: Final = 50
KEY_LENGTH_MAX: Final = 40
VALUE_LENGTH_MAX: Final = 500

declare(
    "metadata.limits", "documented", f"{API}/metadata",
    "50 keys of 40 characters without square brackets, values of 500; an empty value removes its key.",
)


def merged(before: dict[str, str], given: Any) -> dict[str, str]:
    """`before` with the given keys set and the empty ones removed; UNSET empties it, None leaves it."""
    if given is None:
        return before
    if given is UNSET:
        return {}
    after = dict(before)
    for key, value in given.items():
        if len(key) > KEY_LENGTH_MAX or "[" in key or "]" in key:
            message = f"Metadata keys have at most {KEY_LENGTH_MAX} characters and no square brackets: {key[:60]}"
            raise invalid(message, param="metadata")
        if value is UNSET:
            after.pop(key, None)
            continue
        if len(value) > VALUE_LENGTH_MAX:
            message = f"Metadata values can have up to {VALUE_LENGTH_MAX} characters."
            raise invalid(message, param=f"metadata[{key}]")
        after[key] = value
    if len(after) > KEYS_MAX:
        raise invalid(f"You can only have up to {KEYS_MAX} metadata keys.", param="metadata")
    return after
