"""answer_overtaken: the news of what a call did reaches the till before the answer to the call does."""

import asyncio
from typing import Annotated, ClassVar

import msgspec

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class AnswerOvertaken(Parameters, frozen=True):
    """`at_most_ms`: real milliseconds the answer is held. Fires once Stripe's answer is complete: it goes out when the
    till has answered every delivery under way, those it caused among them. A till that needs the answer first, for it
    holds a lock, gets it after that time.

    Documented: events come independently of answers (https://docs.stripe.com/webhooks).
    """

    name: ClassVar[str] = "answer_overtaken"
    at_most_ms: Annotated[int, msgspec.Meta(ge=0)] = 2000

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        answer = await exchange.ask_venue()
        await exchange.hold_until_delivered(released, self.at_most_ms / 1000)
        return answer
