"""Stripe's rate limits, where an account asks for them (`rate_limit_per_s`): before a request is looked at.

Limits are Stripe's own and so follow the wall clock: moving an account's time on frees nobody.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import rate_limited
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Operation

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_LIMITS = "https://docs.stripe.com/rate-limits"
ENDPOINT_PER_S: Final = 25
SEARCH_PER_S: Final = 20
UPDATES_PER_HOUR: Final = 1000
HOUR_S: Final = 3600
_INTENTS_MAX: Final = 10_000

declare(
    "rate_limits.account", "documented", _LIMITS,
    "On request: more than so many requests a second (25 in a sandbox) answer 429 with "
    "Stripe-Rate-Limited-Reason: global-rate; they are not stored under their key.",
)
declare(
    "rate_limits.endpoint", "documented", _LIMITS,
    "An operation takes 25 requests a second, a search 20; beyond that the reason is endpoint-rate.",
)
declare(
    "rate_limits.payment_intent", "documented", _LIMITS,
    "A PaymentIntent takes 1,000 updates an hour; beyond that the reason is resource-specific.",
)
declare(
    "rate_limits.window", "assumed", _LIMITS,
    "Requests are counted by the second and the hour of the wall clock, refused ones too; the code is rate_limit.",
)


class RateLimits:
    """What one account has used up."""

    __slots__ = ("_all", "_by_operation", "_hour", "_second", "_updates")

    def __init__(self) -> None:
        self._second = self._hour = self._all = 0
        self._by_operation: dict[str, int] = {}
        self._updates: OrderedDict[str, int] = OrderedDict()

    def check(self, account: "Account", operation: Operation, ids: tuple[str, ...], now: float) -> None:
        """Counts one request. Raises Stripe's 429."""
        second = int(now)
        if second != self._second:
            self._second, self._all, self._by_operation = second, 0, {}
        self._all += 1
        if self._all > account.settings.rate_limit_per_s:
            raise rate_limited("global-rate")
        count = self._by_operation[operation.name] = self._by_operation.get(operation.name, 0) + 1
        if count > (SEARCH_PER_S if operation.name.endswith(".search") else ENDPOINT_PER_S):
            raise rate_limited("endpoint-rate")
        if operation.method == "POST" and ids and operation.name.startswith("payment_intent."):
            self._check_updates(ids[0], second // HOUR_S)

    def _check_updates(self, intent: str, hour: int) -> None:
        if hour != self._hour:
            self._hour = hour
            self._updates.clear()
        count = self._updates[intent] = self._updates.get(intent, 0) + 1
        if len(self._updates) > _INTENTS_MAX:
            self._updates.popitem(last=False)
        if count > UPDATES_PER_HOUR:
            raise rate_limited("resource-specific", "payment_intent_rate_limit_exceeded")
