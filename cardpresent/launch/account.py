"""The merchant's account at Stripe as a till expects to find it: its country, its Location, whom it sells for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import requests
import stripe

from cardpresent.actors.platform import Platform
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.launch.keys import Secrets
from cardpresent.launch.suite import suite_root
from cardpresent.profile import Integration
from cardpresent.profile.merchants import SampleMerchant, load_merchants, merchant_of, part_of

# What Stripe opens to some accounts only, or does not document: the account of the run has it where the till can do it.
EXTENSIONS: Final = ("partial_authorization", "moto")


@dataclass(frozen=True, slots=True)
class Account:
    """What the suite knows of it, and its two ways in: Stripe's own client, and what only an emulated Stripe offers."""

    client: stripe.StripeClient
    emulated: EmulatedStripe
    merchant: SampleMerchant
    platform: Platform | None
    location: str

    @property
    def seller(self) -> str:
        """The connected account that a platform sells for; empty for a shop that sells for itself."""
        return self.platform.seller if self.platform else ""


@contextmanager
def account_of(integration: Integration, base: str, secrets: Secrets) -> Iterator[Account]:
    """Set up, in an account that nobody has used, whatever the till takes for granted. `base`: the suite's own port."""
    platform = _platform(integration, secrets)
    connected = platform.account if platform else None
    with EmulatedStripe(base, secrets.api_key, connected) as emulated:
        extensions = tuple(name for name in EXTENSIONS if integration.capability(name).state == "present")
        emulated.configure(integration.till.country, extensions)
        client = _official_client(secrets.api_key, base, connected)
        trade = integration.till.country, integration.till.currencies[0]
        merchant = merchant_of(load_merchants(suite_root() / "fixtures" / "merchants"), *trade)
        if fixed := integration.prices.fixed:
            merchant = replace(merchant, sale=fixed, refund=part_of(fixed))
        location = str(client.v1.terminal.locations.create(cast(Any, merchant.location)).id)
        if integration.capability("offline").state == "present":
            _allow_offline(client, location)
        yield Account(client, emulated, merchant, platform, location)


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


def _official_client(key: str, base: str, account: str | None) -> stripe.StripeClient:
    """Stripe's own client, on the loopback only: a proxy of the user's has no part in it. It reads the account where
    the till's payments are made."""
    session = requests.Session()
    session.trust_env = False
    transport = stripe.RequestsClient(session=session)
    return stripe.StripeClient(key, stripe_account=account, base_addresses={"api": base}, http_client=transport)
