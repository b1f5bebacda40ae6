"""Who calls: the API key, from Basic or Bearer. Live keys are turned away and never repeated."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Final

from cardpresent.emulator.errors import unauthorized
from cardpresent.emulator.fidelity import API, declare

declare(
    "authentication.keys", "documented", f"{API}/authentication",
    "Any sk_test_ or rk_test_ key opens an account of its own; no key, or a publishable one, answers 401.",
)
declare("authentication.live", "assumed", "", "Live keys answer 401 here, by our own rule.")

_SECRET: Final = ("sk_test_", "rk_test_")
_LIVE: Final = ("sk_live_", "rk_live_")


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
        raise unauthorized("emulator: this is a live key; the emulator takes test keys (sk_test_) only.")
    if key.startswith("pk_"):
        raise unauthorized("This API call cannot be made with a publishable API key. Use a secret API key.")
    if not key:
        raise unauthorized("You did not provide an API key. Provide it in the Authorization header (Bearer or Basic).")
    if not key.startswith(_SECRET) or len(key) == len(_SECRET[0]):
        raise unauthorized("Invalid API Key provided.")
    return key
