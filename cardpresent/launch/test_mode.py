"""Stripe's test mode before a run: whose account the user's key opens, and how much slower everything is there."""

import os
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import requests

from cardpresent.launch.keys import test_mode_key
from cardpresent.profile import Integration

STRIPE: Final = "https://api.stripe.com"
UPSTREAM: Final = "CARDPRESENT_STRIPE_UPSTREAM"
TIMEOUT_S: Final = (5, 30)
# What lies between a till and its Stripe there: a real network, Stripe's own work, its limits when a call is one too
# many, and news that is listed a while after it happened. It is added to what the till declares for itself.
SLOWER_S: Final = 20.0
NEWS_LATE_S: Final = 2.0
# A till that gives a customer less has given up before the suite has seen, through all of that, that it may tap.
DEADLINE_MIN_S: Final = 10.0


class TestModeUnusable(Exception):
    """Stripe's test mode cannot be used; one sentence says why, and what to do."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class TestAccount:
    """The account whose test mode it is: its id, and its country as two capital letters."""

    __test__ = False

    id: str
    country: str


def account_in_test_mode() -> TestAccount:
    """One read with the user's key. Raises TestKeyMissing, TestModeUnusable."""
    key = test_mode_key()
    base = os.environ.get(UPSTREAM) or STRIPE
    if base != STRIPE and urlsplit(base).hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise TestModeUnusable(f"{UPSTREAM} is for this project's own tests: only this machine may stand there")
    with requests.Session() as session:
        session.trust_env = base == STRIPE
        try:
            answer = session.get(f"{base}/v1/account", auth=_Bearer(key), timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            raise TestModeUnusable(
                f"{base} cannot be reached ({type(error).__name__}): see to the network, or to HTTPS_PROXY"
            ) from None
    if answer.status_code != 200:
        raise TestModeUnusable(
            f"Stripe does not take the key in STRIPE_SECRET_KEY (it answered {answer.status_code}): see that it is a "
            "secret key of your test mode, and not revoked"
        )
    told = _document(answer)
    if not isinstance(told.get("id"), str) or not isinstance(told.get("country"), str):
        raise TestModeUnusable(
            f"{base} answered 200 and names no account, as Stripe would: see whether a proxy or a log-in page of your "
            "network stands in between"
        )
    return TestAccount(told["id"], told["country"])


def _document(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


class _Bearer(requests.auth.AuthBase):
    """The key, said explicitly: a .netrc is not heard."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def too_short(integration: Integration) -> str | None:
    """Why a till cannot be put to anything at a Stripe far away, and what to write in its file; None if it can."""
    deadline_s = integration.timing.deadline_s
    if deadline_s >= DEADLINE_MIN_S:
        return None
    return (
        f"{integration.path}: timing.deadline_s: a customer has {deadline_s:g} s to present a card, and in Stripe's "
        f"test mode a run may need as long to see a reader ask: let the till wait {DEADLINE_MIN_S:g} s or more there, "
        "and say so under [test_mode], which is laid over the file for --stripe test"
    )


def unhurried(integration: Integration) -> Integration:
    """The same till, given the time that it needs at a Stripe far away. Its own deadline for a customer stays."""
    timing = integration.timing
    return replace(
        integration,
        timing=msgspec.structs.replace(
            timing, settle_s=timing.settle_s + SLOWER_S, unknown_within_s=timing.unknown_within_s + SLOWER_S,
            answer_within_s=timing.answer_within_s + SLOWER_S, late_s=timing.late_s + NEWS_LATE_S,
        ),
    )  # fmt: skip
