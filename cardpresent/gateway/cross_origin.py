"""Calls that a page's own script makes: a browser asks first whether it may, and reads only what it was allowed.

Stripe lets any page call it. Observed: Stripe's own answers carry `access-control-allow-origin: *`, methods, exposed
headers and a max-age of 300 (https://gist.github.com/chanakaDe/2296bedba1655db0531f74782611add3). Our own controls let
no page in.
"""

from typing import Any, Final

from cardpresent.gateway.venue import Headers

OPEN: Final = ("/v1/", "/_reader/")
_ALLOWED: Final[Headers] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Request-Id, Idempotent-Replayed, X-Emulator"),
    # A browser sends a request again by itself when a connection that it used before breaks: every lost answer would
    # be repeated unseen. On a connection of its own it is not.
    (b"connection", b"close"),
]


def is_preflight(method: str, path: str, headers: Headers) -> bool:
    """Whether a browser asks for a page's leave to call, and does not call yet."""
    return method == "OPTIONS" and path.startswith(OPEN) and _header(headers, b"origin") is not None


def leave(headers: Headers) -> Headers:
    """What gives it, beside what `readable` adds, for whatever the page means to send."""
    wanted = _header(headers, b"access-control-request-headers") or b""
    return [
        (b"access-control-allow-methods", b"GET, HEAD, PUT, PATCH, POST, DELETE"),
        (b"access-control-allow-headers", wanted),
        (b"access-control-max-age", b"300"),
        # A page of a public site asks whether it may reach into the local network.
        (b"access-control-allow-private-network", b"true"),
    ]


def readable(scope: Any, send: Any) -> Any:
    """`send` for a caller that may be a page: what it is answered, it may read."""
    if not scope["path"].startswith(OPEN) or _header(scope["headers"], b"origin") is None:
        return send

    async def allowed(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_ALLOWED]}
        await send(message)

    return allowed


def _header(headers: Headers, name: bytes) -> bytes | None:
    return next((value for found, value in headers if found == name), None)
