"""Which Stripe stands behind the gateway, as the gateway sees it; and what is said to it and by it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cardpresent.gateway.delivery import Address, Delivery

Headers = list[tuple[bytes, bytes]]
DeliveryListener = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class Question:
    """One HTTP request as it goes to Stripe. `headers` are as the caller sent them, names in lower case. `actor`: who
    asks, till, suite or sdk."""

    method: str
    path: str
    query: bytes
    headers: Headers
    body: bytes
    actor: str = "suite"


class VenueSilent(Exception):
    """No answer of Stripe's can be had: the call may have had its effect. One sentence says what was tried."""


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

    async def begin(self) -> None:
        """Called once, in the running loop, before anything is asked. Raises VenueSilent where there is no Stripe."""

    async def end(self) -> None:
        """Called once: nothing is asked any more."""

    def about(self) -> dict[str, Any]:
        """{"venue": "emulator" or "test", …}: whose Stripe it is, and what was found there when it began."""

    def news_due_s(self) -> float:
        """How many seconds from now events of what was asked so far may still be unheard of; 0: none is."""

    async def clean_up(self) -> dict[str, Any]:
        """Take back what the run made and left: {"cleaned": [{"id", "did"}, …], "left": [{"id", "why"}, …]}."""

    async def ask(self, question: Question) -> Answer:
        """Stripe's answer. Deliveries it causes reach the listener, in order, while this runs or later.

        Also answers /_emulator/webhook_endpoints: where else events are to go, and under which secret. Raises
        VenueSilent where no answer can be had.
        """

    def on_delivery(self, listener: DeliveryListener) -> None:
        """Call `listener(delivery)` for every delivery that comes due, and at once for those that are due."""

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        """Say how the delivery of that id ended. One that was not accepted comes due again, or never."""

    def cli_connected(self, session: str, is_connected: bool) -> None:
        """Say that Stripe's command line client has connected to its session, or has gone away."""

    def address(self, endpoint: str) -> Address | None:
        """Where the deliveries of an endpoint go, as of now; None when it is gone."""
