"""till_cut_off: the shop's line is down."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer


class TillCutOff(Parameters, frozen=True):
    """No parameters, and no operation: every call of the till is cut before Stripe sees it, until the fault is released
    or counted out. Webhooks still arrive; arm `webhook_withheld` beside it for a till that hears nothing at all."""

    name: ClassVar[str] = "till_cut_off"
    every_operation: ClassVar[bool] = True

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return None
