"""Which Stripe stands behind the gateway, as the gateway sees it; and what is said to it and by it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cardpresent.gateway.delivery import Address, Delivery

Headers = list[tuple[bytes, bytes]]
DeliveryListener = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class Question:
    """One HTTP request as it goes to Stripe. `headers` are as the caller sent them, names in lower case."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, complete. Content length is left to whoever sends it on."""

    status: int
    headers: Headers
    body: bytes

    @property
    def executed(self) -> bool:
        """Whether Stripe did what was asked. A refusal (4xx) did nothing; a decline (402) moved no money."""
        return 200 <= self.status < 300


class Venue(Protocol):
    """A Stripe: answers requests, and says which events are due where. Opening connections is left to the gateway."""

    async def ask(self, question: Question) -> Answer:
        """Stripe's answer. Deliveries it causes reach the listener, in order, while this runs or later. Also answers
        /_emulator/webhook_endpoints: where else events are to go, and under which secret."""

    def on_delivery(self, listener: DeliveryListener) -> None:
        """Call `listener(delivery)` for every delivery that comes due, and at once for those that are due."""

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        """Say how the delivery of that id ended. One that was not accepted comes due again, or never."""

    def cli_connected(self, session: str, is_connected: bool) -> None:
        """Say that Stripe's command line client has connected to its session, or has gone away."""

    def address(self, endpoint: str) -> Address | None:
        """Where the deliveries of an endpoint go, as of now; None when it is gone."""
