"""What must never reach the journal, and its removal.

Three nets, from coarse to fine: a value under a name that always holds a secret (`client_secret`); a text that has the
shape of a secret (an API key, a signing secret, a card number, an Authorization header); a value handed over beforehand
as secret (`--secret`, a signing secret just registered). What is caught becomes `[removed]`; a card number keeps its
last four digits, which Stripe's own objects print as well.

Every request and reply passes here, and most of their texts are the same few hundred words ("usd", "card_present"): a
text once seen to be harmless is remembered, which makes a walk over a Stripe object several times cheaper.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

REMOVED: Final = "[removed]"

# Names are compared in lower case with "-" as "_". A null under such a name stays: that nothing was there is evidence.
SECRET_NAMES: Final = frozenset(
    {
        "client_secret", "secret", "secret_key", "webhook_secret", "number", "cvc", "cvv", "password", "passwd",
        "authorization", "proxy_authorization", "api_key", "apikey", "x_api_key", "access_token", "refresh_token",
        "cookie", "set_cookie",
    }
)  # fmt: skip

_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))"
_SHAPES: Final = re.compile(
    "|".join(
        (
            # pi_…_secret_…: a client secret by its own spelling, looked for only where a word begins
            r"(?<![A-Za-z])[A-Za-z]{2,}_[A-Za-z0-9]+_secret_[A-Za-z0-9]+",
            r"(?:[sr]k|pst|ek)_(?:test|live)_[A-Za-z0-9_]+",
            r"whsec_[A-Za-z0-9_+/=-]+",
            r"pst_[A-Za-z0-9_]+",
            _START + r"[sr]k_[A-Za-z0-9_]{8,}",
            r"(?:c2tf|cmtf|d2hzZWNf|cHN0X)[A-Za-z0-9+/]{8,}={0,2}",  # sk_ rk_ whsec_ pst_ in base64: Basic credentials
            r"(?i:bearer)(?:\s|\+|%20)+[A-Za-z0-9._~+/=-]{6,}",
            r"(?i:basic)(?:\s|\+|%20)+(?=[A-Za-z0-9+/]*[0-9=])[A-Za-z0-9+/]{8,}={0,2}",
        )
    )
)
# A secret's name and its value inside a text: JSON, JSON within JSON, a form, a query string. "number" is an everyday
# word, so there the value must look like a card's.
_NAMED: Final = re.compile(
    r"""(?ix) (?<![a-z0-9]) (?P<lead>
        (?: (?:client_|webhook_|api_)?secret(?:_key)? | cvc | cvv | password | api_?key | (?:access|refresh)_token
          | (?<!_)(?:card_)?number (?= [^0-9]{1,6} [0-9](?:[ +-]?[0-9]){11} ) )
        (?: (?:\\*["'])? \s* : \s* (?:\\*["'])?  |  (?:\]|%5D)? (?:=|%3D) ) )
        (?P<value> [^"'\\&\s,;}\]]+ )"""
)
# 13 to 19 digits, perhaps grouped. Card numbers begin with 2 to 6, which leaves times in milliseconds and microseconds
# alone; a run inside a longer word of hexadecimal digits is an id, not a card.
_CARD: Final = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=[G-Zg-z])|(?<=[G-Zg-z][A-Fa-f]))"
    r"[2-6](?:(?:[ +-]|%20)?[0-9]){12,18}(?![0-9A-Za-z])"
)
_DIGITS: Final = re.compile(r"[0-9]")
# Texts remembered as harmless: short ones, and not without end.
_REMEMBERED_CHARS: Final = 40
_REMEMBERED_TEXTS: Final = 8192


def key_fingerprint(idempotency_key: str) -> str:
    """How an idempotency key is written down: equal keys stay recognisable, the key itself does not appear."""
    return f"k_{hashlib.sha256(idempotency_key.encode()).hexdigest()[:12]}"


def luhn(digits: str) -> bool:
    """Whether `digits` (0-9 only) satisfy the check digit every card number carries (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


class Redactor:
    """Removes secrets from anything JSON can hold. One instance serves a whole run and learns secrets on the way."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self._harmless: set[str] = set()
        self._names: dict[str, bool] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """From now on `secret` is removed wherever it appears. Too short to be one (under 4 characters): ignored."""
        if len(secret) < 4 or secret in self._secrets:
            return
        # The longest first: a secret that contains another must not leave its own remainder behind.
        self._secrets = sorted([*self._secrets, secret], key=len, reverse=True)
        self._harmless.clear()
        self._names.clear()

    def clean(self, value: Any) -> Any:
        """`value` without secrets; the argument is unchanged. Takes what JSON holds, and tuples and bytes (as lists and
        text); anything else is cleaned as the text it prints."""
        kind = type(value)
        if kind is str:
            return value if value in self._harmless else self.clean_text(value)
        if kind is int:
            return _clean_int(value)
        if kind is dict or isinstance(value, Mapping):
            return self._within(self._clean_dict, value)
        if isinstance(value, list | tuple):
            return self._within(self._clean_list, value)
        if isinstance(value, float | bool | None):
            return value
        return self.clean_text(value.decode("utf-8", "replace") if kind is bytes else str(value))

    def clean_text(self, text: str) -> str:
        """A text of any kind (a log line, a header, a form, JSON in a string) without secrets."""
        before = text
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, REMOVED)
        if len(text) > 5:
            text = _SHAPES.sub(REMOVED, text)
            if "=" in text or ":" in text or "%" in text:
                text = _NAMED.sub(_keep_lead, text)
            if len(text) > 12:
                text = _CARD.sub(_hide_card, text)
        if text == before and len(text) <= _REMEMBERED_CHARS:
            if len(self._harmless) >= _REMEMBERED_TEXTS:
                self._harmless.clear()
            self._harmless.add(text)
        return text

    def clean_document(self, document: bytes) -> Any:
        """What `document` holds, without secrets: the decoded value of JSON, else the text."""
        try:
            value = msgspec.json.decode(document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.clean_text(document.decode("utf-8", "replace"))
        return self.clean(value)

    def _within(self, clean: Callable[[Any], Any], value: Any) -> Any:
        try:
            return clean(value)
        except RecursionError:
            return REMOVED  # what nests too deep to be looked at is not written down either

    def _clean_list(self, value: Iterable[Any]) -> list[Any]:
        return [self.clean(inner) for inner in value]

    def _clean_dict(self, value: Mapping[Any, Any]) -> dict[Any, Any]:
        clean: dict[Any, Any] = {}
        names, harmless = self._names, self._harmless
        for name, inner in value.items():
            secret = names.get(name)
            if secret is None:
                name, secret = self._judge_name(name)  # noqa: PLW2901
            if secret:
                clean[name] = _removed(inner)
            elif inner is None or inner is True or inner is False or (type(inner) is str and inner in harmless):
                clean[name] = inner
            else:
                clean[name] = self.clean(inner)
        return clean

    def _judge_name(self, name: object) -> tuple[object, bool]:
        """The name as it may be written, and whether what stands under it is secret. Names may hide secrets, too."""
        if not isinstance(name, str):
            return name, False
        bare = name[name.rfind("[") + 1 : -1] if name.endswith("]") else name
        secret = bare.lower().replace("-", "_") in SECRET_NAMES
        written = self.clean_text(name)
        if written == name and len(self._names) < _REMEMBERED_TEXTS and len(name) <= _REMEMBERED_CHARS:
            self._names[name] = secret
        return written, secret


def _clean_int(value: int) -> int | str:
    if -999_999_999_999 <= value <= 999_999_999_999:
        return value
    digits = str(abs(value))
    return f"{REMOVED}{digits[-4:]}" if _is_card(digits) else value


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn(digits)


def _removed(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {key: _removed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_removed(inner) for inner in value]
    digits = "".join(_DIGITS.findall(str(value)))
    return f"{REMOVED}{digits[-4:]}" if _is_card(digits) else REMOVED


def _keep_lead(match: re.Match[str]) -> str:
    value = match["value"]
    if value.startswith(REMOVED[:-1]) or value in {"null", "None"}:
        return match[0]
    return match["lead"] + str(_removed(value))


def _hide_card(match: re.Match[str]) -> str:
    digits = "".join(_DIGITS.findall(match[0].replace("%20", "")))
    return f"{REMOVED}{digits[-4:]}" if _is_card(digits) else match[0]
