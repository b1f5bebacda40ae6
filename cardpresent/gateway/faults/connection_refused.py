"""connection_refused: the line is dead, Stripe never hears of the call."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class ConnectionRefused(Parameters, frozen=True):
    """No parameters. Fires when the request is complete, before Stripe sees it: the connection is cut and nothing has
    happened. (The port itself stays open: it serves the till's other operations.)"""

    name: ClassVar[str] = "connection_refused"

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return None
