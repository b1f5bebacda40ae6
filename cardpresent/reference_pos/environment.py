"""What a till reads from its environment: every complaint names the variable and the fix, never its value."""

from collections.abc import Mapping
from typing import Final

LIVE_KEYS: Final = ("sk_live_", "rk_live_")


class SettingsError(Exception):
    """A setting is missing or wrong; the text names the variable and the fix, never its value."""


def secret_key(env: Mapping[str, str]) -> str:
    """The shop's test key. Raises SettingsError where there is none, and for a live one."""
    key = needed(env, "STRIPE_SECRET_KEY", "a test-mode key, sk_test_…")
    if key.startswith(LIVE_KEYS):
        raise SettingsError("STRIPE_SECRET_KEY is a live key; this till takes test-mode keys only, sk_test_…")
    return key


def needed(env: Mapping[str, str], name: str, what: str) -> str:
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; it must be {what}")
    return value


def number(env: Mapping[str, str], name: str) -> float:
    """Not negative. Raises SettingsError."""
    try:
        value = float(env[name])
    except ValueError:
        raise SettingsError(f"{name} must be a number") from None
    if value < 0:
        raise SettingsError(f"{name} must not be negative")
    return value
