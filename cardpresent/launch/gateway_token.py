"""The token that a run shares with a gateway of its own, and what both ends derive from it."""

import hashlib
import hmac
import os
from typing import Final

from cardpresent.profile import Integration

TOKEN_CHARS_MIN: Final = 16


class GatewayUnusable(Exception):
    """The gateway of the integration file cannot be used; one sentence says why, and what to do."""


def token_of(integration: Integration) -> str:
    """The token in the variable that the file names. Raises GatewayUnusable."""
    name = integration.stripe.token_env
    token = os.environ.get(name, "")
    if len(token) < TOKEN_CHARS_MIN:
        raise GatewayUnusable(
            f"{integration.path}: stripe.token_env: the variable {name} holds no token of {TOKEN_CHARS_MIN} characters "
            "or more; set it to the one that `cardpresent gateway` was started with"
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise GatewayUnusable(
            f"{integration.path}: stripe.token_env: the variable {name} holds what no header can carry, a blank or a "
            "line break perhaps; set it to the token that `cardpresent gateway` was started with"
        )
    return token


def derived(token: str, what: str) -> str:
    """A secret that both ends know without telling each other: the till's key, the secret its webhooks are signed with.

    The same at every start of the gateway, so that a till is set up once.
    """
    return hmac.new(token.encode(), f"cardpresent {what}".encode(), hashlib.sha256).hexdigest()[:32]
