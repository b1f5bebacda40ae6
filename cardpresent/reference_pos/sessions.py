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
WRONG_PINS_MAX = 5
LOCKED_S = 30.0


def role(request: Request) -> str | None:
    """ "manager", "cashier", or None for a stranger."""
    till: Till = request.app.state.till
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if hmac.compare_digest(token.encode(), till.settings.manager_token.encode()):
            return "manager"
        return "cashier" if hmac.compare_digest(token.encode(), till.settings.token.encode()) else None
    cookie = request.cookies.get(COOKIE)
    return till.store.session(_digest(cookie)) if cookie else None


def require_till_session(handler: Handler) -> Handler:
    """Only for whoever works at this till."""
    return _only_for(("cashier", "manager"), handler)


def require_manager(handler: Handler) -> Handler:
    return _only_for(("manager",), handler)


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
