"""Who calls: the API key, from Basic or Bearer. Live keys are turned away and never repeated."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final

from cardpresent.emulator.errors import StripeError, unauthorized
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.wire.request import Request

declare(
    "authentication.keys", "documented", f"{API}/authentication",
    "Any sk_test_ or rk_test_ key opens an account of its own; no key, or a publishable one, answers 401.",
)
declare(
    "authentication.live", "assumed", "",
    "A request that holds a live key, wherever in it, answers 401 here and nothing of it is kept, by our own rule.",
)

_SECRET: Final = ("sk_test_", "rk_test_")
_LIVE: Final = ("sk_live_", "rk_live_")
# also as forms and URLs write it, with %5F for the underscore
_LIVE_ANYWHERE: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))[sr]k(?:_|%5[Ff])live(?:_|%5[Ff])[A-Za-z0-9]"
)


def holds_live_key(request: Request) -> bool:
    """Whether a live key stands anywhere in a request but its Authorization, which `api_key` reads."""
    if b"live" in request.body and _LIVE_ANYWHERE.search(request.body.decode("latin-1")):
        return True
    head = f"{request.path} {request.query} {request.key} {request.account_header} {request.version}"
    return "live" in head and _LIVE_ANYWHERE.search(head) is not None


def live_key_refused() -> StripeError:
    return unauthorized("emulator: this is a live key; the emulator takes test keys (sk_test_) only.")


def api_key(authorization: str) -> str:
    """The key in an Authorization header. Raises Stripe's 401."""
    scheme, _, credentials = authorization.partition(" ")
    key = credentials.strip()
    if scheme.lower() == "basic":
        try:
            key = b64decode(key, validate=True).decode().split(":")[0]
        except (Base64Error, UnicodeDecodeError):
            key = ""
    if key.startswith(_LIVE):
        raise live_key_refused()
    if key.startswith("pk_"):
        raise unauthorized("This API call cannot be made with a publishable API key. Use a secret API key.")
    if not key:
        raise unauthorized("You did not provide an API key. Provide it in the Authorization header (Bearer or Basic).")
    if not key.startswith(_SECRET) or len(key) == len(_SECRET[0]):
        raise unauthorized("Invalid API Key provided.")
    return key
