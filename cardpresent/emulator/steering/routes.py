"""The control API under /_emulator: what Stripe would never answer. JSON in, JSON out.

The account is the one of the key in Authorization, as for /v1. Errors are {"error": "one clear sentence"}.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec

from cardpresent.emulator import fidelity
from cardpresent.emulator.errors import JsonObject, StripeError
from cardpresent.emulator.faults.base import FaultRefused
from cardpresent.emulator.faults.registry import arm, release_all
from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.operations import BY_ITSELF
from cardpresent.emulator.paying import issuer
from cardpresent.emulator.paying.issuer import ScriptedAnswer
from cardpresent.emulator.resources import (
    configurations,
    confirming,
    locations,
    payment_intents,
    reader_test_helpers,
    readers,
)
from cardpresent.emulator.settings import SettingRefused
from cardpresent.emulator.steering import reader_life, screen, webhooks
from cardpresent.emulator.store import Cut
from cardpresent.emulator.wire.request import Request

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_LAST_SECOND: Final = 253_402_300_799  # of the year 9999
_DIGITS_MAX: Final = 18
_READERS_MAX: Final = 1_000


class ControlError(Exception):
    """A refused control call."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


Handler = Callable[["Account", tuple[str, ...], JsonObject, Callable[["Account"], None]], Any]


def handle(account: "Account", request: Request, clock_moved: Callable[["Account"], None]) -> tuple[int, Any]:
    """The status and JSON answer to one control call."""
    try:
        order = msgspec.json.decode(request.body) if request.body else dict(parse_qsl(request.query))
        if not isinstance(order, dict):
            raise ControlError(400, "the body must be a JSON object")
        for pattern, handler in _ROUTES:
            found = pattern.fullmatch(f"{request.method} {request.path}")
            if found:
                return 200, handler(account, found.groups(), order, clock_moved)
        raise ControlError(404, f"there is no {request.method} {request.path}")
    except (msgspec.DecodeError, RecursionError) as wrong:
        return 400, {"error": f"the body is not JSON, or nests too deep: {wrong}"}
    except (ControlError, webhooks.Refused) as refused:
        return refused.status, {"error": str(refused)}
    except (FaultRefused, SettingRefused) as refused:
        return 400, {"error": str(refused)}
    except IllegalTransition as refused:
        return 409, {"error": str(refused)}
    except StripeError as refused:
        return refused.status, {"error": str(refused)}


def _reader(account: "Account", id: str) -> JsonObject:
    found = account.readers.get(id)
    if found is None:
        raise ControlError(404, f"this account has no reader {id}")
    return found


def _account(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    account.settings.change(order)
    return {"id": account.id, **account.settings.as_json()}


def _clock(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return {"now": account.clock.now(), "offset_s": account.clock.offset_s}


def _advance(
    account: "Account", ids: tuple[str, ...], order: JsonObject, moved: Callable[["Account"], None]
) -> JsonObject:
    s = order.get("advance_s")
    if type(s) is not int or s < 0:
        raise ControlError(400, "advance_s must be a whole number of seconds, 0 or more: the clock never goes back")
    if account.clock.now() + s > _LAST_SECOND:
        raise ControlError(400, "advance_s leads beyond the year 9999, where the clock ends")
    account.clock.advance(s)
    moved(account)
    return {"now": account.clock.now(), "offset_s": account.clock.offset_s}


def _reset(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    seed = order.get("seed")
    if seed is not None and type(seed) is not int:
        raise ControlError(400, "seed must be a whole number; without one the stream of ids goes on")
    account.reset(seed)
    configurations.make_default(account)
    return {}


def _journal(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    after, limit = _whole(order, "after", 0), _whole(order, "limit", 1_000)
    return {"calls": account.traffic.after(after, limit), "last": account.traffic.last}


def _whole(order: JsonObject, name: str, default: int) -> int:
    text = str(order.get(name, default))
    if not text.isdecimal() or len(text) > _DIGITS_MAX:
        raise ControlError(400, f"{name} must be a whole number from 0")
    return int(text)


def _arm(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return arm(account, _reader(account, ids[0]), order).record()


def _faults(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return {"faults": [fault.record() for fault in account.faults.values()]}


def _release(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    fault = account.faults.get(ids[0])
    if fault is None:
        raise ControlError(404, f"this account has no fault {ids[0]}")
    fault.release()
    account.forget_fault(fault)
    return fault.record()


def _release_all(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return {"faults": [fault.record() for fault in release_all(account)]}


def _customer_cancel(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return readers.customer_cancels(account, _reader(account, ids[0]), BY_ITSELF)


def _present(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    reader, number, tip = _reader(account, ids[0]), order.get("number"), order.get("amount_tip")
    if number is not None and not isinstance(number, str):
        raise ControlError(400, "number must be a card number as a text")
    if tip is not None and type(tip) is not int:
        raise ControlError(400, "amount_tip must be a whole number, in the smallest unit")
    chosen = order.get("network")
    if chosen not in (None, "domestic", "international"):
        raise ControlError(400, "network, which whoever inserts a co-branded card picks, is domestic or international")
    return reader_test_helpers.present(account, reader, number, tip, BY_ITSELF, chosen=chosen)


def _endpoints(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return webhooks.told_all(account)


def _add_endpoint(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return webhooks.add(account, order)


def _endpoint(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return webhooks.told(account, ids[0])


def _remove_endpoint(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return webhooks.remove(account, ids[0])


def _roll(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return webhooks.roll(account, ids[0], order)


def _readers(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    found = account.readers.page(Cut(_whole(order, "limit", 100)))[0]
    return {"readers": [screen.shown(account, reader) for reader in found]}


def _add_readers(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    count, location, label = _whole(order, "count", 1), order.get("location"), order.get("label", "lane")
    if not 1 <= count <= _READERS_MAX:
        raise ControlError(400, f"count must be from 1 to {_READERS_MAX}")
    if not isinstance(label, str) or not isinstance(location, str | None):
        raise ControlError(400, "label and location must be texts")
    return {"readers": [reader["id"] for reader in reader_life.several(account, count, label, location)]}


def _place(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    kind = order.get("device_type", readers.MOBILE[0])
    if kind not in readers.MOBILE:
        raise ControlError(400, f"device_type is one of {', '.join(readers.MOBILE)}; others are registered at Stripe")
    location = order.get("location")
    if location is not None:
        locations.find(account, location, in_url=False)
    return readers.place(account, kind, location, order.get("label"))


def _screen(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return screen.shown(account, _reader(account, ids[0]))


def _swap(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return reader_life.swap(account, _reader(account, ids[0]))


def _issuer(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    if "answers" in order:
        try:
            issuer.script(account, [msgspec.convert(answer, ScriptedAnswer) for answer in order["answers"]])
        except (TypeError, ValueError) as wrong:  # msgspec's errors are ValueErrors that name the field
            raise ControlError(400, f"answers: {wrong}") from None
    return {"answers": [msgspec.to_builtins(answer) for answer in account.issuer_script]}


def _authenticate(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    succeeds = order.get("succeeds", True)
    if type(succeeds) is not bool:
        raise ControlError(400, "succeeds must be true or false")
    return confirming.authenticate(account, payment_intents.find(account, ids[0]), succeeds)


def _forget_issuer(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    waiting = _issuer(account, ids, {}, moved)
    account.issuer_script.clear()
    return waiting


def _fidelity(account: "Account", ids: tuple[str, ...], order: JsonObject, moved: object) -> JsonObject:
    return fidelity.report()


_ROUTES: Final[list[tuple[re.Pattern[str], Handler]]] = [
    (re.compile(pattern), handler)
    for pattern, handler in (
        ("GET /_emulator/account", lambda account, ids, order, moved: _account(account, ids, {}, moved)),
        ("POST /_emulator/account", _account),
        ("GET /_emulator/clock", _clock),
        ("POST /_emulator/clock", _advance),
        ("POST /_emulator/reset", _reset),
        ("GET /_emulator/journal", _journal),
        ("GET /_emulator/readers", _readers),
        ("POST /_emulator/readers", _add_readers),
        ("POST /_emulator/mobile_readers", _place),
        ("GET /_emulator/readers/([^/]+)", _screen),
        ("POST /_emulator/readers/([^/]+)/faults", _arm),
        ("POST /_emulator/readers/([^/]+)/customer_cancel", _customer_cancel),
        ("POST /_emulator/readers/([^/]+)/present", _present),
        ("POST /_emulator/readers/([^/]+)/swap", _swap),
        ("GET /_emulator/issuer", lambda account, ids, order, moved: _issuer(account, ids, {}, moved)),
        ("POST /_emulator/issuer", _issuer),
        ("DELETE /_emulator/issuer", _forget_issuer),
        ("POST /_emulator/payment_intents/([^/]+)/authenticate", _authenticate),
        ("GET /_emulator/faults", _faults),
        ("DELETE /_emulator/faults", _release_all),
        ("DELETE /_emulator/faults/([^/]+)", _release),
        ("GET /_emulator/webhook_endpoints", _endpoints),
        ("POST /_emulator/webhook_endpoints", _add_endpoint),
        ("GET /_emulator/webhook_endpoints/([^/]+)", _endpoint),
        ("DELETE /_emulator/webhook_endpoints/([^/]+)", _remove_endpoint),
        ("POST /_emulator/webhook_endpoints/([^/]+)/roll", _roll),
        ("GET /_emulator/fidelity", _fidelity),
    )
]
