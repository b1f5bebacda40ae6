"""answer_delayed: Stripe does what was asked at once, and its answer is slow."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class AnswerDelayed(Parameters, frozen=True):
    """`delay_ms`: real milliseconds the answer is held; none: until the fault is released. Fires once Stripe's answer
    is complete; webhooks about it go out meanwhile, so the till may hear of the effect before it gets the answer. A
    till that hangs up first never gets it."""

    name: ClassVar[str] = "answer_delayed"
    delay_ms: int | None = None

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        answer = await exchange.ask_venue()
        await exchange.hold(released, None if self.delay_ms is None else self.delay_ms / 1000)
        return answer
