"""server_error: Stripe answers 500, and only Stripe knows whether it did what was asked."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class ServerError(Parameters, frozen=True):
    """`committed`: whether Stripe did what was asked before it answered 500. Fires before Stripe sees the call, or with
    `committed` after it did. A repetition under the same idempotency key then gets Stripe's true answer.

    Documented: a 500 leaves the outcome open (https://docs.stripe.com/error-low-level). Assumed: that Stripe would not
    replay the 500 itself, as it may for a key whose first run ended so.
    """

    name: ClassVar[str] = "server_error"
    committed: bool = False

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        if self.committed:
            await exchange.ask_venue()
        return exchange.refusals.error(500, "Something went wrong on the server.", type="api_error")
