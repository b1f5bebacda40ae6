"""What every fault between till and Stripe has in common."""

import asyncio
from typing import Any, ClassVar, Protocol

import msgspec

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.venue import Answer


class TransportFault(Protocol):
    """One way an attempt goes wrong. Its fields are the fault's parameters; `play` is the moment it fires."""

    name: ClassVar[str]
    every_operation: ClassVar[bool]

    async def play(self, exchange: Exchange, released: asyncio.Event) -> Answer | None:
        """What the till gets; None cuts the connection. `released` is set when the actor withdraws the fault."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a fault: an unknown or mistyped parameter is refused with its name. `operations`: the only ones it can
    befall, where it is about some."""

    every_operation: ClassVar[bool] = False
    operations: ClassVar[frozenset[str] | None] = None

    def described(self) -> dict[str, Any]:
        """The parameters as they are shown in the journal and to the actor."""
        return msgspec.structs.asdict(self)
