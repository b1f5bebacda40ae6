"""Stripe's test mode as a venue, put together from what the environment says."""

from collections.abc import Mapping
from typing import Any, Final

from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.call import is_live
from cardpresent.gateway.tag import Tag
from cardpresent.gateway.upstream import STRIPE, Upstream, is_loopback
from cardpresent.gateway.venue_stripe import StripeVenue

STRIPE_KEY: Final = "STRIPE_SECRET_KEY"
TILL_KEY: Final = "CARDPRESENT_TILL_KEY"
# The project's own tests put something else in Stripe's place; it has to be on this machine.
UPSTREAM: Final = "CARDPRESENT_STRIPE_UPSTREAM"
TEST_KEY: Final = "sk_test_"


class NoTestMode(Exception):
    """Stripe's test mode cannot be used as asked; one sentence says why, and what to do. It never holds a key."""


def test_mode_venue(environment: Mapping[str, str], run: str, seed: int, journal: JournalWriter) -> StripeVenue:
    """The user's account in test mode. Raises NoTestMode."""
    key, till_key = environment.get(STRIPE_KEY, ""), environment.get(TILL_KEY, "")
    if is_live(key):
        raise NoTestMode(f"{STRIPE_KEY} holds a live key; cardpresent works with test keys only")
    if not key.startswith(TEST_KEY) or key == TEST_KEY:
        raise NoTestMode(f"{STRIPE_KEY} holds no secret key of Stripe's test mode: set it to one (sk_test_…)")
    if not till_key.startswith(TEST_KEY) or till_key == key:
        raise NoTestMode(f"{TILL_KEY} must hold a test key made for this run, and not your own")
    upstream = environment.get(UPSTREAM) or STRIPE
    if upstream != STRIPE and not is_loopback(upstream):
        raise NoTestMode(f"{UPSTREAM} is for this project's own tests: only this machine may stand there")
    if not run.isalnum():
        raise NoTestMode("--run names the run in the account: letters and digits only")
    journal.redactor.add(key)
    journal.redactor.add(till_key)

    def note(data: dict[str, Any]) -> None:
        journal.write("control", "none", "gateway", data)

    return StripeVenue(Upstream(upstream, key, run, note), till_key, Tag(run), seed, note)
