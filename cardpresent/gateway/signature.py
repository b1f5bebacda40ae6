"""Stripe's webhook signature: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`.

v1 is HMAC-SHA256, keyed with the whole secret, over "<t>.<raw body>". Documented: https://docs.stripe.com/webhooks/signature.
"""

import hashlib
import hmac
from collections.abc import Sequence


def signature_header(body: bytes, secrets: Sequence[str], t: int) -> str:
    """The header for `body` at Unix second `t`: one v1 for each secret, in their order."""
    signed = b"%d.%s" % (t, body)
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={t}", *(f"v1={mark}" for mark in marks)])
