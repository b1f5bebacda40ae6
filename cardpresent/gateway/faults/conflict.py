"""conflict: an earlier attempt under the same idempotency key is still running."""

import asyncio
from typing import ClassVar, Literal

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class Conflict(Parameters, frozen=True):
    """`type`: the error's type, which third parties report either way. Fires before Stripe sees the call: 409 with code
    idempotency_key_in_use, without an effect of this attempt.

    Documented: status and code (https://docs.stripe.com/error-low-level). Assumed: the type.
    """

    name: ClassVar[str] = "conflict"
    type: Literal["invalid_request_error", "idempotency_error"] = "invalid_request_error"

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return exchange.refusals.error(
            409,
            "A request with this idempotency key is still being worked on.",
            type=self.type,
            code="idempotency_key_in_use",
        )
