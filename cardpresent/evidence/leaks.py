"""Secrets found where they do not belong. Says what kind was found, never what it was."""

import re
from collections.abc import Container, Iterable
from typing import Final

TOKEN: Final = "a connection token"
CLIENT_SECRET: Final = "a client secret"
NAME: Final = "a cardholder's name"
EMAIL: Final = "a cardholder's e-mail"

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an API key", re.compile(r"\b[sr]k_(?:test|live)_[A-Za-z0-9]{10,}")),
    ("a webhook secret", re.compile(r"\bwhsec_[A-Za-z0-9]{10,}")),
    (CLIENT_SECRET, re.compile(r"\b(?:pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+")),
    (TOKEN, re.compile(r"\bpst_test_[A-Za-z0-9+/=_]{10,}")),
    (NAME, re.compile(r"\bCARDHOLDER\b")),
    (EMAIL, re.compile(r"\b[\w.+-]+@cardholder\.example\b")),
)
# What is somebody's own, rather than a key to something.
PERSONAL: Final = frozenset({"a card number", NAME, EMAIL})
_DIGITS = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")


def leaks_in(
    text: str, secrets: Iterable[str] = (), *, allowed: Container[str] = (), cards: Container[str] = ()
) -> list[str]:
    """The kinds of secret that `text` holds, but for those that may stand there: `allowed`.

    `cards` are the numbers that were presented: in a run there are no others, and one long id in ten looks like one.
    """
    found = [kind for kind, pattern in _KINDS if kind not in allowed and pattern.search(text)]
    if any(re.sub(r"\D", "", match.group()) in cards for match in _DIGITS.finditer(text)):
        found.append("a card number")
    if not found and any(secret and secret in text for secret in secrets):
        found.append("a secret of the run")
    return found

