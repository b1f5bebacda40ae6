"""How an SDK is let in: a connection token, once, for a session; the session for everything after."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import invalid, unauthorized
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_TOKENS: Final = "https://docs.stripe.com/terminal/payments/setup-integration"
_OBSERVED: Final = "https://github.com/stripe/stripe-terminal-android/issues/425"

declare(
    "sdk.paths", "assumed", "",
    "An SDK's calls go to paths of our own under /v1/terminal/sdk: Stripe publishes none of its own.",
)
declare(
    "connection_token.once", "documented", _TOKENS,
    "A connection token is short-lived and lets an SDK in once.",
)
declare(
    "connection_token.refused", "observed", _OBSERVED,
    "A token that was redeemed, or is too old, answers 400 invalid_request_error with a message and no code.",
)
declare("connection_token.lifetime", "assumed", "", "A connection token that was not redeemed lasts five minutes.")
declare("sdk.session_lifetime", "assumed", "", "What a token was redeemed for lets the SDK call for 24 hours.")

PATHS: Final = "/v1/terminal/sdk/"
ACTIVATE: Final = f"{PATHS}activate"
TOKEN_S: Final = 5 * 60
SESSION_S: Final = 24 * 3600


def secret(account: "Account") -> str:
    """A secret that names its account, as a token does; only who holds it can tell."""
    inner = b64encode(f"{account.id},{account.ids.letters(31)}".encode()).decode()
    return f"pst_test_{inner}_00{account.ids.letters(8)}"


def account_in(secret: str) -> str | None:
    """The id of the account a token or a session belongs to; None for anything else."""
    try:
        return b64decode(secret.removeprefix("pst_test_").rpartition("_")[0], validate=True).decode().partition(",")[0]
    except (Base64Error, UnicodeDecodeError):
        return None


def issue(account: "Account") -> str:
    token = secret(account)
    account.connection_tokens[token] = account.clock.now()
    return token


def redeem(account: "Account", token: str, location: str | None) -> str:
    """A session for a token, which is worth nothing afterwards. Raises Stripe's error."""
    issued = account.connection_tokens.get(token)
    if issued is None:
        raise invalid("This connection token was already redeemed. Generate a new one.", kept=True, log_url=False)
    del account.connection_tokens[token]
    if account.clock.now() - issued > TOKEN_S:
        raise invalid("This connection token has expired. Generate a new one.", kept=True, log_url=False)
    scope = account.token_locations.pop(token, None)
    if scope is not None and location not in (None, scope):
        raise invalid(f"This connection token is for location {scope} alone.", param="location", kept=True)
    session = secret(account)
    account.sdk_sessions[session] = account.clock.now() + SESSION_S
    return session


def check(account: "Account", secret: str, path: str) -> None:
    """Raises Stripe's 401 unless this secret lets its holder call this path."""
    if not path.startswith(PATHS):
        raise unauthorized("An SDK's session opens the SDK's own calls, and no others.")
    if path == ACTIVATE:
        return
    if account.sdk_sessions.get(secret, 0) <= account.clock.now():
        raise unauthorized("This session is over. Redeem a new connection token.")
