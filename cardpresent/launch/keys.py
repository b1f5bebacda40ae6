"""Keys and secrets of a run: minted fresh, and live ones refused before anything starts."""

import os
import random
import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cardpresent.model.live_key import holds_live_key

# Shorter ones would take everyday words out of the evidence.
SHORTEST_SECRET = 8
_ALPHABET = string.ascii_letters + string.digits

# Where teams keep a Stripe key. A run mints its own; only --stripe test uses the first of these, and only a test key.
KEY_VARIABLES = ("STRIPE_SECRET_KEY", "STRIPE_API_KEY")


class LiveKeyRefused(Exception):
    """A live-mode key was found. The message says where, never what."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} holds a live Stripe key (sk_live_… or rk_live_…): nothing was started; "
            "remove it, for cardpresent works on test keys and its own emulator only"
        )


def refuse_live_keys(environment: Mapping[str, str] | None = None) -> None:
    """Raise LiveKeyRefused when any variable of the environment holds a live key."""
    values = os.environ if environment is None else environment
    for name, value in values.items():
        if holds_live_key(value):
            raise LiveKeyRefused(f"environment variable {name}")


def refuse_live_text(text: str, where: str) -> None:
    """Raise LiveKeyRefused when `text`, read from `where`, holds a live key."""
    if holds_live_key(text):
        raise LiveKeyRefused(where)


class TestKeyMissing(Exception):
    """There is no key to go to Stripe's test mode with. The message says what to do, and never holds a key."""


def test_mode_key(environment: Mapping[str, str] | None = None) -> str:
    """The user's secret key of Stripe's test mode. Raises TestKeyMissing, LiveKeyRefused."""
    values = os.environ if environment is None else environment
    refuse_live_keys(values)
    name = KEY_VARIABLES[0]
    key = values.get(name, "")
    if not key:
        raise TestKeyMissing(
            f"--stripe test needs a secret key of your test mode in {name}: set it to one (sk_test_…, from the "
            "Dashboard's test mode, Developers, API keys), or run without --stripe test on the embedded emulator"
        )
    if not re.fullmatch(r"sk_test_\w+", key, re.ASCII):
        raise TestKeyMissing(
            f"{name} holds no secret key of Stripe's test mode: it has to begin with sk_test_ (a restricted key may "
            "lack what a run needs)"
        )
    return key


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one run mints: the till's API key, a stranger's, webhook secrets, and a salt for ids."""

    api_key: str
    foreign_key: str
    webhook_secret: str
    old_webhook_secret: str
    till_token: str
    manager_token: str
    other_token: str
    pin: str
    salt: str
    declared: tuple[str, ...] = ()

    @classmethod
    def mint(cls, *declared: str) -> "Secrets":
        """Fresh on every run and never from the seed: a till that keeps its database must not meet an old id.

        `declared` are secrets of the till's own that its file tells us; they are kept out of everything, too.
        """

        def text(length: int) -> str:
            return "".join(secrets.choice(_ALPHABET) for _ in range(length))

        return cls(
            api_key=f"sk_test_{text(32)}",
            foreign_key=f"sk_test_{text(32)}",
            webhook_secret=f"whsec_{text(32)}",
            old_webhook_secret=f"whsec_{text(32)}",
            till_token=text(24),
            manager_token=text(24),
            other_token=text(24),
            pin="".join(random.SystemRandom().choice(string.digits) for _ in range(6)),
            salt=text(6).lower(),
            declared=tuple(secret for secret in declared if len(secret) >= SHORTEST_SECRET),
        )

    def told(self, api_key: str, webhook_secret: str) -> "Secrets":
        """The same with a key and a secret that a till elsewhere has been set up with."""
        return replace(self, api_key=api_key, webhook_secret=webhook_secret)

    def all(self) -> tuple[str, ...]:
        """Every value that may stand nowhere in what is written."""
        return (
            self.api_key, self.foreign_key, self.webhook_secret, self.old_webhook_secret,
            self.till_token, self.manager_token, self.other_token, *self.declared,
        )  # fmt: skip
