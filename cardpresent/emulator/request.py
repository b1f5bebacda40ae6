"""One HTTP request as the emulator sees it: the head read once, the body as it came."""

from collections.abc import MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]


class Request:
    """What of a request matters here. Header values are "" where the header is absent."""

    __slots__ = (
        "account_header", "authorization", "body", "content_type", "key", "method", "path", "query", "version",
    )

    def __init__(
        self, method: str, path: str, query: str = "", body: bytes = b"", *, authorization: str = "",
        account_header: str = "", version: str = "", key: str = "", content_type: str = "",
    ) -> None:
        self.method, self.path, self.query, self.body = method, path, query, body
        self.authorization, self.account_header = authorization, account_header
        self.version, self.key, self.content_type = version, key, content_type

    @classmethod
    def of(cls, scope: Scope) -> "Request":
        """The head of an ASGI request; the body is yet to come."""
        request = cls(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        for name, value in scope["headers"]:
            if name == b"authorization":
                request.authorization = value.decode("latin-1")
            elif name == b"idempotency-key":
                request.key = value.decode("latin-1")
            elif name == b"stripe-version":
                request.version = value.decode("latin-1")
            elif name == b"stripe-account":
                request.account_header = value.decode("latin-1")
            elif name == b"content-type":
                request.content_type = value.decode("latin-1")
        return request
