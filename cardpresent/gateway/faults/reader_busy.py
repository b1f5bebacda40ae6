"""reader_busy: the reader is updating, in its settings, or still holds the last card."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.reader_refusal import ReaderRefusal
from cardpresent.gateway.venue import Answer


class ReaderBusy(ReaderRefusal, frozen=True):
    """No parameters. Fires at each command to the reader, cancel_action included: terminal_reader_busy, and the command
    never reaches it."""

    name: ClassVar[str] = "reader_busy"

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return self.refused(
            exchange, "terminal_reader_busy", "Reader is currently busy processing another request."
        )
