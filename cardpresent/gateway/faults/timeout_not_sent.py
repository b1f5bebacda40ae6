"""timeout_not_sent: a command does not reach the reader."""

import asyncio
from typing import ClassVar

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.reader_refusal import CARD_COMMANDS, ReaderRefusal
from cardpresent.gateway.venue import Answer


class TimeoutNotSent(ReaderRefusal, frozen=True):
    """No parameters. Fires at each command that starts taking a card: terminal_reader_timeout, and nothing changed."""

    name: ClassVar[str] = "timeout_not_sent"
    operations: ClassVar[frozenset[str] | None] = CARD_COMMANDS

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        return self.refused(
            exchange, "terminal_reader_timeout", "There was a timeout when sending this command to the reader."
        )
