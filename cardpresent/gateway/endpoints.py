"""The webhook endpoints of a run: where events of which account go, and under which secret."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cardpresent.gateway.delivery import type_matches
from cardpresent.gateway.token import token


@dataclass(slots=True)
class Endpoint:
    """`types` as in Stripe's enabled_events ("*" is all). `old_secret`: the one being rolled out of use, if any."""

    id: str
    url: str
    secret: str
    account_key: str
    types: tuple[str, ...] = ("*",)
    old_secret: str | None = None
    enabled: bool = True
    created: int = 0
    description: str | None = None
    api_version: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def wants(self, key: str, event_type: str) -> bool:
        return self.enabled and self.account_key == key and type_matches(event_type, self.types)

    def as_stripe(self) -> dict[str, Any]:
        """The object as Stripe shows it, which is without its secret.
        Documented: https://docs.stripe.com/api/webhook_endpoints/object."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.api_version,
            "application": None,
            "created": self.created,
            "description": self.description,
            "enabled_events": list(self.types),
            "livemode": False,
            "metadata": self.metadata,
            "status": "enabled" if self.enabled else "disabled",
            "url": self.url,
        }


class Endpoints:
    """Endpoints by id, in the order they were registered."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._by_id: dict[str, Endpoint] = {}
        self.on_add: Callable[[], None] = lambda: None

    def add(self, url: str, account_key: str, secret: str | None = None, **fields: Any) -> Endpoint:
        """Register one; a secret is made up when none is given."""
        made = Endpoint(
            id="we_" + token(self._rng, 24),
            url=url,
            secret=secret or "whsec_" + token(self._rng, 32),
            account_key=account_key,
            **fields,
        )
        self._by_id[made.id] = made
        self.on_add()
        return made

    def get(self, id: str) -> Endpoint | None:
        return self._by_id.get(id)

    def remove(self, id: str) -> Endpoint | None:
        return self._by_id.pop(id, None)

    def of(self, key: str) -> list[Endpoint]:
        """This account's endpoints."""
        return [endpoint for endpoint in self._by_id.values() if endpoint.account_key == key]

    def wanting(self, key: str, event_type: str) -> list[Endpoint]:
        """The endpoints an event of this account goes to."""
        return [endpoint for endpoint in self._by_id.values() if endpoint.wants(key, event_type)]
