"""Deliveries: which event still has to reach which endpoint, and when it is due again.

The emulator opens no connection. Whoever asked for deliveries (the gateway) is handed each one that has come due and
says how it ended; from that the next attempt follows, on the clock of the account whose endpoint it is.
"""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_WEBHOOKS: Final = "https://docs.stripe.com/webhooks"

declare(
    "webhooks.connect", "documented", f"{API}/webhook_endpoints/create#create_webhook_endpoint-connect",
    "An endpoint made with connect=true hears of connected accounts only, with their id in account; others never do.",
)
declare(
    "webhooks.retries", "documented", _WEBHOOKS,
    "A failed delivery is tried three more times over a few hours in a sandbox, with exponential back-off for up to "
    "three days where an account's webhook_retries is live.",
)
declare(
    "webhooks.retry_times", "assumed", "",
    "The attempts after the first come 1, 2 and 4 hours after the failure before them; live ones go on doubling.",
)
declare(
    "webhooks.disabled", "documented", _WEBHOOKS,
    "A retry that comes due while its endpoint is disabled is not made and none follows; one enabled by then gets it; "
    "a deleted endpoint gets nothing more.",
)
declare(
    "webhooks.pending", "documented", f"{API}/events/object#event_object-pending_webhooks",
    "pending_webhooks counts the endpoints that have not accepted the event, those that have failed for good included.",
)
declare(
    "webhooks.pending_gone", "assumed", "",
    "A deleted endpoint, and one whose retry fell into a time when it was disabled, no longer count as pending.",
)
declare(
    "webhooks.rolled_secret", "documented", _WEBHOOKS,
    "While a secret is being rolled, up to 24 hours, deliveries carry one signature for each of both secrets.",
)

SANDBOX_RETRIES_S: Final = (3600, 7200, 14400)
LIVE_FIRST_RETRY_S: Final = 3600
LIVE_RETRIES_END_S: Final = 3 * 24 * 3600
RETRIES: Final = ("live", "sandbox")

# "webhook": a webhook endpoint, Stripe's object. "forward": where everything goes, whatever the account.
# "cli": an open connection of Stripe's command line client, which gets each event once or never.
Kind = Literal["webhook", "forward", "cli"]


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One event that is due at one endpoint: plain data. `attempt` counts from 1, `since` is the event's own time."""

    id: str
    endpoint: str
    event: str
    type: str
    object: str | None
    body: bytes
    since: int
    attempt: int = 1


class Address(NamedTuple):
    """Where an endpoint's deliveries go now. `secrets` sign them; `old_secret`: the one rolled last, in use or not."""

    endpoint: str
    kind: Kind
    url: str
    enabled: bool
    secrets: tuple[str, ...]
    secret: str
    old_secret: str | None
    key: str
    api_version: str | None


class Endpoint:
    """Somebody who wants events of `account`: its own, those of the accounts connected to it, or both.

    `shown` is the object as Stripe shows it and decides about status, url, types and version.
    """

    __slots__ = ("account", "connected", "kind", "old_secret", "old_until", "own", "secret", "shown")

    def __init__(self, account: "Account", shown: JsonObject, secret: str, kind: Kind = "webhook") -> None:
        self.account, self.shown, self.secret, self.kind = account, shown, secret, kind
        self.old_secret: str | None = None
        self.old_until = 0
        self.own = True
        self.connected = kind != "webhook"

    @property
    def id(self) -> str:
        found: str = self.shown["id"]
        return found

    @property
    def enabled(self) -> bool:
        return bool(self.shown["status"] == "enabled")

    def wants(self, type: str) -> bool:
        """Whether events of this type go here; names may end in a wildcard where Stripe's API did not make it."""
        wanted: list[str] = self.shown["enabled_events"]
        return self.enabled and any(name in ("*", type) or ("*" in name and fnmatchcase(type, name)) for name in wanted)

    def address(self) -> Address:
        rolling = self.old_secret is not None and self.account.clock.now() < self.old_until
        secrets = (self.old_secret, self.secret) if rolling and self.old_secret else (self.secret,)
        return Address(
            self.id, self.kind, self.shown["url"], self.enabled, secrets, self.secret, self.old_secret,
            self.account.key, self.shown["api_version"],
        )


def wanting(account: "Account", type: str) -> Sequence[Endpoint]:
    """The endpoints an event of `account` goes to."""
    platform = account.platform
    if not account.endpoints and (platform is None or not platform.endpoints):
        return ()
    found = [endpoint for endpoint in account.endpoints.values() if endpoint.own and endpoint.wants(type)]
    if platform is not None:
        found += [endpoint for endpoint in platform.endpoints.values() if endpoint.connected and endpoint.wants(type)]
    return found


class Deliveries:
    """Every endpoint of every account, and what each still has to get."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        self._pending: dict[str, dict[str, Delivery]] = {}  # by endpoint, each in the order they were made
        self._resting: set[str] = set()  # failed, and waiting for the account's clock
        self._undelivered: dict[str, int] = {}  # event -> endpoints that have not accepted it
        self._given_up: set[str] = set()  # failed for good, and still counted
        self._listeners: list[Callable[[Delivery], None]] = []

    # --------------------------------------------------------------------------------------------------- the endpoints

    def add(self, endpoint: Endpoint) -> None:
        self._endpoints[endpoint.id] = endpoint
        endpoint.account.endpoints[endpoint.id] = endpoint

    def remove(self, endpoint: Endpoint) -> None:
        """The endpoint is gone, and with it what it was still to get."""
        del self._endpoints[endpoint.id], endpoint.account.endpoints[endpoint.id]
        self._forget(endpoint, lambda event: True)
        self._pending.pop(endpoint.id, None)

    def forget(self, account: "Account") -> None:
        """The account is about to be emptied: its webhook endpoints are gone, and nobody gets its events any more;
        whoever else listens hears what comes next."""
        for endpoint in list(account.endpoints.values()):
            self.remove(endpoint)
            if endpoint.kind != "webhook":
                self.add(endpoint)
        for endpoint in account.platform.endpoints.values() if account.platform else ():
            self._forget(endpoint, account.events.__contains__)

    def _forget(self, endpoint: Endpoint, whether: Callable[[str], bool]) -> None:
        """The endpoint does not get these events any more, and does not count as one that has yet to accept them."""
        waiting = self._pending.get(endpoint.id, {})
        given_up = [id for id in self._given_up if id.endswith(f".{endpoint.id}")]
        for id in [*waiting, *given_up]:
            event = id.partition(".")[0]
            if whether(event):
                waiting.pop(id, None)
                self._resting.discard(id)
                self._given_up.discard(id)
                self._settle(event)

    def switch(self, session: str, is_on: bool) -> None:
        """A session of the command line client hears what comes from now on, or nothing more."""
        endpoint = self._endpoints.get(session)
        if endpoint is None or endpoint.kind != "cli":
            return
        endpoint.shown["status"] = "enabled" if is_on else "disabled"
        self._forget(endpoint, lambda event: True)

    def get(self, endpoint: str) -> Endpoint | None:
        return self._endpoints.get(endpoint)

    # -------------------------------------------------------------------------------------------------- the deliveries

    def listen(self, callback: Callable[[Delivery], None]) -> None:
        """`callback` is handed every delivery that comes due, and at once those that are due already."""
        self._listeners.append(callback)
        due = [one for waiting in self._pending.values() for one in waiting.values() if one.id not in self._resting]
        for delivery in due:
            callback(delivery)

    def make(self, endpoint: Endpoint, event: str, type: str, object: str | None, body: bytes, created: int) -> None:
        """`event` is due at `endpoint`, now and for the first time."""
        delivery = Delivery(f"{event}.{endpoint.id}", endpoint.id, event, type, object, body, created)
        self._pending.setdefault(endpoint.id, {})[delivery.id] = delivery
        self._undelivered[event] = self._undelivered.get(event, 0) + 1
        self._hand_over(delivery)

    def again(self, endpoint: Endpoint, event: str, type: str, object: str | None, body: bytes, created: int) -> None:
        """Somebody asked for an event once more: it is due now, whatever became of it before."""
        id = f"{event}.{endpoint.id}"
        before = self._pending.get(endpoint.id, {}).get(id)
        if before is not None:
            if id in self._resting:
                self._due_again(endpoint, before)
            return
        if id in self._given_up:
            self._given_up.discard(id)
            self._settle(event)
        self.make(endpoint, event, type, object, body, created)

    def ended(self, id: str, accepted: bool) -> None:
        """What became of the delivery handed over last under this id. One that is not awaited any more is ignored."""
        endpoint = self._endpoints.get(id.partition(".")[2])
        delivery = None if endpoint is None else self._pending.get(endpoint.id, {}).get(id)
        if endpoint is None or delivery is None or id in self._resting:
            return
        if accepted:
            self._drop(delivery)
            self._settle(delivery.event)
            return
        now = endpoint.account.clock.now()
        wait_s = None if endpoint.kind == "cli" else retry_after_s(
            endpoint.account.settings.webhook_retries, delivery.attempt, now - delivery.since
        )
        if wait_s is None:
            self._drop(delivery)
            self._given_up.add(id)
        else:
            self._resting.add(id)
            endpoint.account.clock.at(now + wait_s, partial(self._due_again, endpoint, delivery))

    def undelivered(self, event: str) -> int:
        return self._undelivered.get(event, 0)

    def _due_again(self, endpoint: Endpoint, delivery: Delivery) -> None:
        if self._pending.get(endpoint.id, {}).get(delivery.id) is not delivery:
            return
        self._resting.discard(delivery.id)
        if not endpoint.enabled:
            self._drop(delivery)
            self._settle(delivery.event)
            return
        again = msgspec.structs.replace(delivery, attempt=delivery.attempt + 1)
        self._pending[endpoint.id][delivery.id] = again
        self._hand_over(again)

    def _hand_over(self, delivery: Delivery) -> None:
        for callback in self._listeners:
            callback(delivery)

    def _drop(self, delivery: Delivery) -> None:
        self._pending[delivery.endpoint].pop(delivery.id, None)

    def _settle(self, event: str) -> None:
        left = self._undelivered.get(event, 0) - 1
        if left > 0:
            self._undelivered[event] = left
        else:
            self._undelivered.pop(event, None)


def retry_after_s(policy: str, attempt: int, age_s: int) -> int | None:
    """How long after the failure of `attempt` the next one comes, for an event `age_s` old; None when none does.

    >>> [retry_after_s("sandbox", attempt, 0) for attempt in (1, 2, 3, 4)]
    [3600, 7200, 14400, None]
    """
    if policy == "sandbox":
        return SANDBOX_RETRIES_S[attempt - 1] if attempt <= len(SANDBOX_RETRIES_S) else None
    wait_s = LIVE_FIRST_RETRY_S << (attempt - 1)
    return wait_s if age_s + wait_s <= LIVE_RETRIES_END_S else None
