"""Webhook endpoints by the control API: with a secret of one's own choice, readable later, and to be rolled."""

from typing import TYPE_CHECKING, Any, Final

import msgspec

from cardpresent.emulator.deliveries import Endpoint
from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.resources import webhook_endpoints
from cardpresent.emulator.wire.versions import VERSIONS

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

ROLL_S_MAX: Final = 24 * 3600
_SECRET_LENGTH_MIN: Final = 4


class Refused(Exception):
    """A control call that makes no sense, in one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    secret: str | None = None
    old_secret: str | None = None
    old_secret_expires_in_s: int = ROLL_S_MAX
    enabled_events: list[str] = msgspec.field(default_factory=lambda: ["*"])
    connect: bool = False
    api_version: str | None = None
    description: str | None = None
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


class _Roll(msgspec.Struct, forbid_unknown_fields=True):
    secret: str | None = None
    expires_in_s: int = 0


def add(account: "Account", order: JsonObject) -> JsonObject:
    """An endpoint with a secret of one's own. Types may end in a wildcard (`terminal.reader.*`)."""
    asked = _read(order, _Asked)
    _check(asked)
    shown = webhook_endpoints.new(account, {name: getattr(asked, name) for name in _STRIPES_OWN})
    secret = asked.secret or webhook_endpoints.new_secret(account)
    endpoint = webhook_endpoints.register(account, shown, secret, connect=asked.connect)
    if asked.old_secret is not None:
        _keep_old(endpoint, asked.old_secret, asked.old_secret_expires_in_s)
    return _told(endpoint)


def told(account: "Account", id: str) -> JsonObject:
    return _told(_find(account, id))


def told_all(account: "Account") -> JsonObject:
    return {"webhook_endpoints": [_told(e) for e in account.endpoints.values() if e.kind == "webhook"]}


def remove(account: "Account", id: str) -> JsonObject:
    webhook_endpoints.remove(account, _find(account, id).id)
    return {}


def roll(account: "Account", id: str, order: JsonObject) -> JsonObject:
    """A new secret; the old one goes on signing beside it for `expires_in_s`, as the Dashboard lets one choose."""
    endpoint, asked = _find(account, id), _read(order, _Roll)
    _check_secret("secret", asked.secret)
    _check_expiry("expires_in_s", asked.expires_in_s)
    old, endpoint.secret = endpoint.secret, asked.secret or webhook_endpoints.new_secret(account)
    _keep_old(endpoint, old, asked.expires_in_s)
    return _told(endpoint)


_STRIPES_OWN: Final = ("api_version", "connect", "description", "enabled_events", "metadata", "url")


def _read(order: JsonObject, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(order, kind)
    except msgspec.ValidationError as wrong:
        raise Refused(400, str(wrong)) from None


def _check(asked: _Asked) -> None:
    if not webhook_endpoints.is_url(asked.url):
        raise Refused(400, f'url must begin with http:// or https:// and name a host, got "{asked.url}"')
    if not asked.enabled_events:
        raise Refused(400, 'enabled_events must name at least one type, or be ["*"]')
    if asked.api_version is not None and asked.api_version not in VERSIONS:
        raise Refused(400, f'there is no api_version "{asked.api_version}"')
    _check_secret("secret", asked.secret)
    _check_secret("old_secret", asked.old_secret)
    _check_expiry("old_secret_expires_in_s", asked.old_secret_expires_in_s)


def _check_secret(name: str, secret: str | None) -> None:
    if secret is not None and len(secret) < _SECRET_LENGTH_MIN:
        raise Refused(400, f"{name} must have at least {_SECRET_LENGTH_MIN} characters")


def _check_expiry(name: str, s: int) -> None:
    if not 0 <= s <= ROLL_S_MAX:
        raise Refused(400, f"{name} must be a number of seconds from 0 to {ROLL_S_MAX}, a day")


def _keep_old(endpoint: Endpoint, secret: str, s: int) -> None:
    endpoint.old_secret, endpoint.old_until = secret, endpoint.account.clock.now() + s


def _find(account: "Account", id: str) -> Endpoint:
    found = account.endpoints.get(id)
    if found is None or found.kind != "webhook":
        raise Refused(404, f"this account has no webhook endpoint {id}")
    return found


def _told(endpoint: Endpoint) -> JsonObject:
    return {
        **webhook_endpoints.with_secret(endpoint), "connect": endpoint.connected, "old_secret": endpoint.old_secret,
        "old_secret_until": endpoint.old_until if endpoint.old_secret is not None else None,
    }
