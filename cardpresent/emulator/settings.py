"""What an account is, as far as Stripe's answers depend on it. Changed through the control API alone."""

from typing import Any, Final

from cardpresent.emulator.deliveries import RETRIES
from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.paying import amounts, partial_authorization
from cardpresent.emulator.wire.versions import NEWEST, VERSIONS

EXTENSIONS: Final = frozenset({partial_authorization.NAME, "moto"})  # moto: keyed_cards.py
LATENCY_MS_MAX: Final = 600_000
_CHOICES: Final[dict[str, frozenset[str]]] = {
    "country": amounts.COUNTRIES,
    "merchant_category": amounts.MERCHANT_CATEGORIES,
    "async_books": frozenset({"at_once", "later"}),
    "idle_cancel": frozenset({"resource_missing", "ok"}),
    "webhook_retries": frozenset(RETRIES),
}


class SettingRefused(ValueError):
    """There is no such setting, or it cannot have this value; the text is for whoever sent it."""


class Settings:
    """The settings of one account.

    country: ISO code; merchant_category: a word of amounts.py's category tables; extensions: names of behaviours
    beyond Stripe's documents; latency_ms: how long every answer takes; rate_limit_per_s: how many requests a second are
    let in (25 in a sandbox), 0 for any number; idle_cancel: what cancel_action on an idle reader answers,
    "resource_missing" or "ok", for sources disagree; api_version: for requests that name none, and for events;
    async_books: whether a payment under automatic_async has its balance_transaction "at_once" or "later", for Stripe
    promises neither; webhook_retries: how long failed deliveries are repeated, as in a "sandbox" or as "live";
    readers_in_range: whether a device that scans for readers finds this account's; events_listed_within_ms: how long an
    event may take to be listed after it happened, each its own while of that.
    """

    __slots__ = (
        "api_version", "async_books", "country", "events_listed_within_ms", "extensions", "idle_cancel", "latency_ms",
        "merchant_category", "rate_limit_per_s", "readers_in_range", "webhook_retries",
    )

    def __init__(self) -> None:
        self.api_version = NEWEST
        self.async_books = "at_once"
        self.country = "US"
        self.merchant_category = "restaurants"
        self.extensions: frozenset[str] = frozenset()
        self.latency_ms: float = 0
        self.rate_limit_per_s = 0
        self.idle_cancel = "resource_missing"
        self.webhook_retries = "sandbox"
        self.readers_in_range = True
        self.events_listed_within_ms: float = 0

    def change(self, order: JsonObject) -> None:
        """Sets what `order` names, all of it or, where it raises SettingRefused, nothing."""
        for name, value in order.items():
            _check(name, value)
        for name, value in order.items():
            setattr(self, name, frozenset(value) if name == "extensions" else value)

    def as_json(self) -> JsonObject:
        return {name: sorted(value) if isinstance(value := getattr(self, name), frozenset) else value
                for name in self.__slots__}


def _check(name: str, value: Any) -> None:
    if name in _CHOICES:
        if not isinstance(value, str) or value not in _CHOICES[name]:
            raise SettingRefused(f"{name} must be one of {', '.join(sorted(_CHOICES[name]))}")
    elif name == "extensions":
        if not isinstance(value, list) or not all(isinstance(one, str) and one in EXTENSIONS for one in value):
            raise SettingRefused(f"extensions must be a list of: {', '.join(sorted(EXTENSIONS))}")
    elif name in ("latency_ms", "rate_limit_per_s", "events_listed_within_ms"):
        _check_number(name, value)
    elif name == "api_version":
        if not isinstance(value, str) or value not in VERSIONS:
            raise SettingRefused(f"api_version must be a version of Stripe's API, like {NEWEST}")
    elif name == "readers_in_range":
        if type(value) is not bool:
            raise SettingRefused("readers_in_range must be true or false")
    else:
        raise SettingRefused(f'there is no setting "{name}"; there are: {", ".join(Settings.__slots__)}')


def _check_number(name: str, value: Any) -> None:
    if name in ("latency_ms", "events_listed_within_ms"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATENCY_MS_MAX:
            raise SettingRefused(f"{name} must be a number of milliseconds from 0 to {LATENCY_MS_MAX:,}")
    elif type(value) is not int or value < 0:
        raise SettingRefused("rate_limit_per_s must be a whole number of requests a second, 0 for no limit")
