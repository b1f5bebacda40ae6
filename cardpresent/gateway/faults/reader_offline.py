"""reader_offline: the reader has lost its network, and Stripe has noticed."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.reader_refusal import ReaderRefusal
from cardpresent.gateway.venue import Answer


class ReaderOffline(ReaderRefusal, frozen=True):
    """No parameters. Fires at each command to the reader, cancel_action included: terminal_reader_offline, and the
    command never reaches it. Meant for a reader at rest; its `status` is Stripe's to say and stays as it is."""

    name: ClassVar[str] = "reader_offline"

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return self.refused(
            exchange, "terminal_reader_offline", "Reader is currently offline; check its power and its network."
        )
