"""What every fault between Stripe and the till's webhook endpoint has in common."""

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import msgspec

from cardpresent.gateway.delivery import Delivery

Send = Callable[[Delivery], None]
Later = Callable[[float, Callable[[], None]], None]


class Held(deque[Delivery]):
    """Deliveries a fault keeps back, in the order they became due; the first to come goes first, mostly."""


class WebhookFault(Protocol):
    """One way a delivery goes wrong. `take` is the moment it fires: instead of being sent, the delivery comes here."""

    name: ClassVar[str]
    comes_by_itself: ClassVar[bool]

    @property
    def types(self) -> tuple[str, ...]: ...

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        """Do with it what the fault does: `send`, keep in `held`, or `later(seconds, action)`."""

    def release(self, held: Held, send: Send) -> None:
        """The actor withdraws the fault: deliver what it still owes."""


class WebhookParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a webhook fault. `types`: which events, exactly, by prefix ("terminal.reader.*") or all ("*")."""

    comes_by_itself: ClassVar[bool] = False
    types: tuple[str, ...] = ("*",)

    def described(self) -> dict[str, Any]:
        """The parameters as they are shown in the journal and to the actor."""
        return msgspec.structs.asdict(self)
