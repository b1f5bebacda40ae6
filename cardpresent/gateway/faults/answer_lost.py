"""answer_lost: Stripe does what was asked, and its answer never arrives."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class AnswerLost(Parameters, frozen=True):
    """No parameters. Fires after Stripe's answer is complete and before its first byte goes out: the connection is cut,
    the client sees it closed without a response. The till cannot tell this from `connection_refused`."""

    name: ClassVar[str] = "answer_lost"

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        await exchange.ask_venue()
        return None
