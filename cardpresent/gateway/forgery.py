"""What an attacker, or a badly behaved middleman, sends to the till's webhook endpoint.

Each staging is one way an event and its signature can differ from what Stripe sends; GENUINE names those a correct till
must accept. `t` is wall time: a verifying till compares it with its own clock.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from cardpresent.gateway.signature import signature_header

Staging = Literal["valid", "none", "garbage", "wrong_secret", "stale", "tampered_body", "reserialized", "two_secrets"]
GENUINE: Final[frozenset[Staging]] = frozenset({"valid", "reserialized", "two_secrets"})

# Documented: the official libraries refuse a t more than 300 s in the past (https://docs.stripe.com/webhooks/signature).
TOLERANCE_S: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes over the wire; `signature` None sends no Stripe-Signature header."""

    body: bytes
    signature: str | None


def headers_of(letter: Letter) -> dict[str, str]:
    """The HTTP headers it is sent with."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0 (cardpresent)"}
    return headers if letter.signature is None else {**headers, "Stripe-Signature": letter.signature}


def stage(
    staging: Staging,
    event: Mapping[str, Any],
    secret: str,
    old_secret: str | None,
    now_s: int,
    age_s: int | None = None,
) -> Letter:
    """The event as `staging` sends it; `age_s` is how old its signature claims to be.

    valid: as Stripe sends it · none: no signature header · garbage: a header that is no signature · wrong_secret:
    signed with nobody's secret · stale: rightly signed, `age_s` ago (by default twice the tolerance) · tampered_body:
    signed, then one value changed · reserialized: the same event in other bytes (indented, keys sorted), signed over
    those: genuine, but refused by a till that verifies its own rendering of the parsed body instead of the bytes it
    received · two_secrets: genuine, as while a secret is rolled: a v1 of the old secret first, then one of the right.

    Raises ValueError when two_secrets is asked for without an old secret.
    """
    body = msgspec.json.encode(event)
    sent, secrets = body, [secret]
    age = age_s or 0
    match staging:
        case "none":
            return Letter(body, None)
        case "garbage":
            return Letter(body, "not-a-signature")
        case "wrong_secret":
            secrets = ["whsec_" + hashlib.sha256(body).hexdigest()]
        case "stale":
            age = 2 * TOLERANCE_S if age_s is None else age_s
        case "tampered_body":
            sent = _tampered(event)
        case "reserialized":
            sent = body = msgspec.json.format(msgspec.json.encode(event, order="sorted"), indent=3)
        case "two_secrets":
            if old_secret is None:
                raise ValueError("two_secrets needs an endpoint registered with an old_secret")
            secrets = [old_secret, secret]
        case "valid":
            pass
    return Letter(sent, signature_header(body, secrets, now_s - age))


def label(staging: Staging, genuine: bool) -> str:
    """How the journal names it."""
    if staging == "valid":
        return "duplicate" if genuine else "forged:invented"
    if genuine:
        return staging
    return "forged:no_signature" if staging == "none" else f"forged:{staging}"


def _tampered(event: Mapping[str, Any]) -> bytes:
    """The event with the one change a thief would make: the amount, or failing that the time it happened."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event))
    data = copy.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if isinstance(about, dict) and isinstance(about.get("amount"), int):
        about["amount"] += 100
    else:
        created = copy.get("created")
        copy["created"] = (created if isinstance(created, int) else 0) + 1
    return msgspec.json.encode(copy)
