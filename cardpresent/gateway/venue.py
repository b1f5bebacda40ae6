"""Which Stripe stands behind the gateway, as the gateway sees it; and what is said to it and by it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Headers = list[tuple[bytes, bytes]]
EventListener = Callable[[str, str, bytes, Mapping[str, Any]], None]
ClockListener = Callable[[str], None]


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
    """A Stripe: answers requests, says which events happened, and knows what time it is in each account."""

    async def ask(self, question: Question) -> Answer:
        """Stripe's answer. Events it causes reach the subscriber, in order, while this runs or later."""

    def subscribe(self, listener: EventListener) -> None:
        """Call `listener(account id, api key, the event's bytes, the event)` for every event from now on."""

    def on_clock(self, listener: ClockListener) -> None:
        """Call `listener(api key)` each time that account's clock was advanced."""

    def account_time(self, key: str) -> int:
        """What time it is in the account of `key`, Unix seconds."""
