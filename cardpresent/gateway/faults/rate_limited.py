"""rate_limited: Stripe refuses the call with 429 and does nothing."""

import asyncio
from typing import ClassVar, Literal

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer

Reason = Literal["global-rate", "endpoint-rate", "global-concurrency", "endpoint-concurrency", "resource-specific"]


class RateLimited(Parameters, frozen=True):
    """`reason`: the value of Stripe-Rate-Limited-Reason. `lock_timeout`: instead, the refusal for an object that
    another call holds: code lock_timeout, no such header, and Stripe-Should-Retry true, for official clients retry that
    one. Fires before Stripe sees the call; no Retry-After is sent, as none is documented.

    Documented: https://docs.stripe.com/rate-limits. Assumed: the error's `type`, and Stripe-Should-Retry.
    """

    name: ClassVar[str] = "rate_limited"
    reason: Reason = "endpoint-rate"
    lock_timeout: bool = False

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        if self.lock_timeout:
            return exchange.refusals.error(
                429,
                "Another request is working on this object. Try again in a moment.",
                [(b"stripe-should-retry", b"true")],
                type="invalid_request_error",
                code="lock_timeout",
            )
        return exchange.refusals.error(
            429,
            "Too many requests arrived too quickly.",
            [(b"stripe-rate-limited-reason", self.reason.encode())],
            type="invalid_request_error",
            code="rate_limit",
        )
