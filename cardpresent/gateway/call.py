"""One request to Stripe, read once: what the journal records and the faults match."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cardpresent.gateway.forms import parse_form
from cardpresent.gateway.operations import operation_of
from cardpresent.gateway.venue import Headers, Question
from cardpresent.model.entry import Actor
from cardpresent.model.live_key import holds_live_key

LIVE_KEYS: Final = ("sk_live_", "rk_live_")
OWN_HEADERS: Final = b"x-cardpresent-"


@dataclass(frozen=True, slots=True)
class Call:
    """A request with what it means. `key` and `idempotency_key` are in the clear: never write them down."""

    question: Question
    actor: Actor
    operation: str
    object_id: str | None
    params: dict[str, Any]
    key: str
    idempotency_key: str | None
    account: str | None
    stripe_version: str | None

    @property
    def identity(self) -> tuple[str, str | None, str]:
        """Equal for two attempts of one call: operation, object, and the idempotency key or else what was sent."""
        return (
            self.operation,
            self.object_id,
            self.idempotency_key or hashlib.sha256(self.question.query + b"\n" + self.question.body).hexdigest(),
        )

    def mentions(self, object_id: str) -> bool:
        """Whether the request names this object, in its path or as a parameter (`payment_intent=pi_1`)."""
        return object_id == self.object_id or _holds(self.params, object_id)


def read_call(method: str, path: str, query: bytes, headers: Headers, body: bytes, actor: Actor) -> Call:
    """The call these bytes make. Nothing about it can be malformed enough to raise: the venue will answer."""
    seen = dict(headers)
    operation, object_id = operation_of(method, path)
    content_type = seen.get(b"content-type", b"")
    return Call(
        question=Question(
            method, path, query, [pair for pair in headers if not pair[0].startswith(OWN_HEADERS)], body, actor
        ),
        actor=actor,
        operation=operation,
        object_id=object_id,
        params=_params(query, body, content_type),
        key=api_key(seen.get(b"authorization", b"")),
        idempotency_key=_text(seen.get(b"idempotency-key")) if method == "POST" else None,
        account=_text(seen.get(b"stripe-account")),
        stripe_version=_text(seen.get(b"stripe-version")),
    )


def api_key(authorization: bytes) -> str:
    """The API key in an Authorization header, Bearer or Basic (the key is the user name); "" when there is none."""
    scheme, _, credentials = authorization.decode("latin-1").partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials).decode("utf-8", "replace").split(":", 1)[0]
        except (binascii.Error, ValueError):
            return ""
    return credentials


def is_live(key: str) -> bool:
    return key.startswith(LIVE_KEYS)


def holds_live(question: Question) -> bool:
    """Whether a live key stands anywhere in a request but its Authorization, which `api_key` reads."""
    told = [question.path.encode(), question.query, question.body, *(value for _, value in question.headers)]
    return any(b"live" in part and holds_live_key(part.decode("latin-1")) for part in told)


def _params(query: bytes, body: bytes, content_type: bytes) -> dict[str, Any]:
    params = parse_form(query.decode("latin-1")) if query else {}
    if body and content_type.startswith(b"application/json"):
        try:
            sent = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError):
            sent = body.decode("utf-8", "replace")
        return {**params, **sent} if isinstance(sent, dict) else {**params, "body": sent}
    if body:
        params.update(parse_form(body.decode("utf-8", "replace")))
    return params


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value else None


def _holds(value: Any, wanted: str) -> bool:
    if isinstance(value, dict):
        return any(_holds(inner, wanted) for inner in value.values())
    if isinstance(value, list):
        return any(_holds(inner, wanted) for inner in value)
    return bool(value == wanted)
