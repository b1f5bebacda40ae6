"""One HTTP request as the emulator sees it: the head read once, the body as it came."""

from collections.abc import MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]

HEAD_BYTES_MAX: Final = 64 * 1024
BODY_BYTES_MAX: Final = 2 * 1024 * 1024
UPLOAD_BYTES_MAX: Final = 32 * 1024 * 1024  # of a body with files

# header, in lower case -> field of Request
FIELDS: Final = {
    b"authorization": "authorization", b"idempotency-key": "key", b"stripe-version": "version",
    b"stripe-account": "account_header", b"content-type": "content_type",
}


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
        head = {
            FIELDS[name]: value.decode("latin-1") for name, value in scope["headers"] if name in FIELDS
        }
        return cls(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), **head)
