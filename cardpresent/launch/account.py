"""The merchant's account at Stripe as a till expects to find it: its country, its Location, whom it sells for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import requests
import stripe
from requests.adapters import HTTPAdapter

from cardpresent.actors.platform import Platform
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.launch.keys import Secrets
from cardpresent.launch.suite import suite_root
from cardpresent.profile import Integration, IntegrationError
from cardpresent.profile.drafting import COUNTRIES
from cardpresent.profile.merchants import SampleMerchant, load_merchants, merchant_of, part_of

# What Stripe opens to some accounts only, or does not document: the account of the run has it where the till can do it.
EXTENSIONS: Final = ("partial_authorization", "moto")


@dataclass(frozen=True, slots=True)
class Account:
    """What the suite knows of it, and its ways in: Stripe's own client, and at the emulator what only that offers."""

    client: stripe.StripeClient
    emulator: EmulatedStripe | None
    merchant: SampleMerchant
    platform: Platform | None
    location: str

    @property
    def seller(self) -> str:
        """The connected account that a platform sells for; empty for a shop that sells for itself."""
        return self.platform.seller if self.platform else ""


@contextmanager
def account_of(integration: Integration, venue: str, door: SuiteDoor, secrets: Secrets) -> Iterator[Account]:
    """Set up whatever the till takes for granted: at the emulator in an account that nobody has used; in Stripe's test
    mode a Location, beside whatever else is there. `door`: the suite's own."""
    platform = _platform(integration, secrets)
    connected = platform.account if platform else None
    with ExitStack() as stack:
        emulator = None
        if venue == "emulator":
            emulator = stack.enter_context(EmulatedStripe(door, secrets.api_key, connected))
            _make_ready(emulator, integration)
        client = _official_client(secrets.api_key, door, connected)
        trade = integration.till.country, integration.till.currencies[0]
        merchant = merchant_of(load_merchants(suite_root() / "fixtures" / "merchants"), *trade)
        if fixed := integration.prices.fixed:
            merchant = replace(merchant, sale=fixed, refund=part_of(fixed))
        location = str(client.v1.terminal.locations.create(cast(Any, merchant.location)).id)
        if integration.capability("offline").state == "present":
            _allow_offline(client, location)
        yield Account(client, emulator, merchant, platform, location)


def _make_ready(emulator: EmulatedStripe, integration: Integration) -> None:
    country = integration.till.country
    if country not in COUNTRIES:
        told = f'"{country}" is no country in which Stripe has readers'
        raise IntegrationError(integration.path, "till.country", told, f"write one of {', '.join(sorted(COUNTRIES))}")
    if integration.stripe.gateway:
        emulator.begins_anew()
    extensions = tuple(name for name in EXTENSIONS if integration.capability(name).state == "present")
    emulator.configure(integration.till.country, extensions)


def _platform(integration: Integration, secrets: Secrets) -> Platform | None:
    connect = integration.till.connect
    if connect is None:
        return None
    seller = f"acct_1cardpresent{secrets.salt}"
    return Platform(seller, connect.type == "direct", connect.fee_percent, connect.refunds_from == "seller")


def _allow_offline(client: stripe.StripeClient, location: str) -> None:
    """What a merchant does once in the dashboard: payments may be taken offline at this Location.

    Documented: https://docs.stripe.com/terminal/fleet/offline-mode (Configuration.offline.enabled).
    """
    made = client.v1.terminal.configurations.create({"offline": {"enabled": True}})
    client.v1.terminal.locations.update(location, {"configuration_overrides": made.id})


def _official_client(key: str, door: SuiteDoor, account: str | None) -> stripe.StripeClient:
    """Stripe's own client, to the gateway only: a proxy of the user's has no part in it. It reads the account where
    the till's payments are made."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update(door.headers)
    # The client names its own bundle with each call, so the gateway's has to stand in its place.
    transport = stripe.RequestsClient(session=session, verify_ssl_certs=True)
    if door.ca:
        session.mount(door.base, _Trusting(door.ca))
    return stripe.StripeClient(key, stripe_account=account, base_addresses={"api": door.base}, http_client=transport)


class _Trusting(HTTPAdapter):
    """Trusts the certificates of one file, whatever the caller names."""

    def __init__(self, ca: Path) -> None:
        self._ca = str(ca)
        super().__init__()

    def send(self, request: Any, *args: Any, **how: Any) -> Any:
        return super().send(request, *args, **{**how, "verify": self._ca})
