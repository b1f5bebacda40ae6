"""Who may use the till: programs with a bearer token, and the page with a cookie it got for the PIN."""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .till import Till

Handler = Callable[[Request], Awaitable[Response]]

COOKIE = "till_session"
OWN_SHOP, OTHER_SHOP = "own", "other"
WRONG_PINS_MAX = 5
LOCKED_S = 30.0


def role(request: Request) -> str | None:
    """ "manager", "cashier", or None for a stranger."""
    till: Till = request.app.state.till
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if hmac.compare_digest(token.encode(), till.settings.manager_token.encode()):
            return "manager"
        if hmac.compare_digest(token.encode(), till.settings.token.encode()) or _of_other_shop(till, token):
            return "cashier"
        return None
    cookie = request.cookies.get(COOKIE)
    return till.store.session(_digest(cookie)) if cookie else None


def shop_of(request: Request) -> str:
    """The shop that whoever asks works for: one server may serve two, and each sees its own sales only."""
    till: Till = request.app.state.till
    token = request.headers.get("authorization", "").partition(" ")[2]
    return OTHER_SHOP if _of_other_shop(till, token) else OWN_SHOP


def _of_other_shop(till: Till, token: str) -> bool:
    other = till.settings.other_token
    return bool(other) and hmac.compare_digest(token.encode(), other.encode())


def require_till_session(handler: Handler) -> Handler:
    """Only for whoever works at this till."""
    return _only_for(("cashier", "manager"), handler)


def require_manager(handler: Handler) -> Handler:
    return _only_for(("manager",), handler)


def require_refunder(handler: Handler) -> Handler:
    """Refunds may be the manager's, as the shop sets it."""

    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        till: Till = request.app.state.till
        guard = require_manager if till.settings.manager_refunds else require_till_session
        return await guard(handler)(request)

    return guarded


def _only_for(roles: tuple[str, ...], handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        who = role(request)
        if who in roles:
            return await handler(request)
        status = 401 if who is None else 403
        words = "Sign in first." if who is None else "This needs the manager."
        return JSONResponse({"error": "not_allowed", "words": words}, status)

    return guarded


class PinDoor:
    """Lets a cashier in for the right PIN, and nobody for a while after too many wrong ones."""

    def __init__(self) -> None:
        self._wrong, self._locked_until = 0, 0.0

    def enter(self, till: Till, pin: str) -> str | None:
        """A new session's token, or None."""
        now = till.clock.now()
        if now < self._locked_until or not till.settings.pin:
            return None
        if not hmac.compare_digest(pin.encode(), till.settings.pin.encode()):
            self._wrong += 1
            if self._wrong >= WRONG_PINS_MAX:
                self._wrong, self._locked_until = 0, now + LOCKED_S
            return None
        self._wrong = 0
        token = secrets.token_urlsafe(32)
        till.store.add_session(_digest(token), "cashier")
        return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
