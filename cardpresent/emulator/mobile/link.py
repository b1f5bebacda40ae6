"""The link between a device and the readers in range: Bluetooth, or the shop's own network. JSON over HTTP here.

Not Stripe's: no key opens it, no line to Stripe is needed for it, and what goes wrong on it are faults of the reader.
A device pairs, gets a link, and every later call names that link. Errors are {"error": what, "message": a sentence}:
no_reader and out_of_range (404), busy and taken (409), link_lost (410), battery_low (409).
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import msgspec

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.flat_battery import FlatBattery
from cardpresent.emulator.faults.reader_outdated import ReaderOutdated
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.mobile import reads
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.paying.card_payments import KINDS, Tipping
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Prompt
from cardpresent.emulator.resources import configurations
from cardpresent.emulator.store import Cut
from cardpresent.emulator.wire.request import Request

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "link.range", "assumed", "",
    "Every registered reader is in range of every device, and is reached without a key; one device at a time has it.",
)
declare(
    "link.smart_readers", "assumed", "https://docs.stripe.com/terminal/features/operate-offline/overview",
    "Readers with a network of their own are driven over the same link; what they would store is stored on the device.",
)
declare(
    "link.update", "documented", "https://docs.stripe.com/terminal/readers/stripe-m2",
    "A required update is installed while connecting, for which the battery must hold more than 50 percent.",
)
declare(
    "link.take_over", "documented", "https://docs.stripe.com/terminal/references/api/js-sdk#connect-reader",
    "A page takes a reader over from another device, which loses it, unless it asks to fail where it is in use.",
)
declare(
    "link.cart", "documented", "https://docs.stripe.com/terminal/references/api/js-sdk#set-reader-display",
    "A device shows a cart on the reader, and takes it off; asking for a card takes it off, too.",
)

_NEARBY_MAX: Final = 1000
BATTERY_FOR_UPDATE: Final = 50


class LinkError(Exception):
    """A refused call of a device."""

    def __init__(self, status: int, error: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.error = status, error


class DeviceLink:
    """One device's hold on one reader: the client of its card session. `cart`: what it has the reader show.

    `prompt`: {"state": waiting | read | canceled | failed, "read": what the device is told of the card, "failure",
    "messages": what the customer is to read, oldest first}.
    """

    def __init__(self, account: "Account", reader: JsonObject, id: str, device: str) -> None:
        self._account, self._reader, self.id, self.device = account, reader, id, device
        self.prompt: JsonObject | None = None
        self.cart: JsonObject | None = None

    @property
    def session(self) -> CardSession:
        return self._account.sessions[self._reader["id"]]

    @property
    def has_session(self) -> bool:
        return self.session.prompt is not None and self.session.prompt.client is self

    def session_ended(self, outcome: Outcome, cause: Cause) -> None:
        if self.prompt is None:
            return
        if outcome.collected:
            read = reads.find(self._account, outcome.result["read"])
            self.prompt.update(state="read", read=reads.shown(read))
            if read.card.read_method == "contact_emv":
                self.says("remove_card")
            at_moment(self._account, self._reader, "read")
        else:
            state = "canceled" if outcome.failure_code == "customer_canceled" else "failed"
            self.prompt.update(state=state, failure=outcome.failure_code)

    def says(self, message: str) -> None:
        """Something for the customer to read, on a reader that cannot show it."""
        if self.prompt is not None:
            self.prompt.setdefault("messages", []).append(message)

    def broken(self) -> None:
        """The link is gone; a reader left alone asks for no card, and forgets the one it holds."""
        self._account.links.pop(self._reader["id"], None)
        if not self.has_session:
            return
        if self.session.state == "authorizing":
            self.session.lose_contact()
        self.session.stop("cancel" if self.session.can("cancel") else "interrupt")


def at_moment(account: "Account", reader: JsonObject, moment: str) -> None:
    """Lets a fault break the link now: collecting, read, confirming."""
    for fault in account.reader_faults(reader["id"]):
        fault.at_link(moment)


# ---------------------------------------------------------------------------------------------------------- the routes


def nearby(accounts: Iterable["Account"], request: Request) -> JsonObject:
    """The readers a scan finds, newest first: {"readers": [{…}]}, of one location where the query names it."""
    wanted = dict(parse_qsl(request.query)).get("location")
    found = [
        facts(account, reader)
        for account in accounts
        if account.settings.readers_in_range
        for reader in account.readers.page(Cut(_NEARBY_MAX))[0]
        if wanted in (None, reader["location"]) and not is_down(account, reader)
    ]
    return {"readers": found}


def reader_in(path: str) -> str:
    """The id of the reader a path is about."""
    return path.removeprefix("/_reader/").partition("/")[0]


def handle(account: "Account", request: Request) -> tuple[int, JsonObject]:
    """The status and the answer to one call of a device to one reader of this account."""
    try:
        order = msgspec.json.decode(request.body, type=dict) if request.body else dict(parse_qsl(request.query))
        reader = account.readers.get(reader_in(request.path))
        if reader is not None:
            for fault in account.reader_faults(reader["id"]):
                fault.at_silent_link()
        if reader is None or is_down(account, reader):
            raise LinkError(404, "out_of_range", "the reader is not in range")
        for pattern, handler in _ROUTES:
            if pattern.fullmatch(f"{request.method} {request.path}"):
                return 200, handler(account, reader, order)
        raise LinkError(404, "unknown", f"there is no {request.method} {request.path}")
    except msgspec.DecodeError as wrong:
        return 400, {"error": "unreadable", "message": f"the body is not a JSON object: {wrong}"}
    except LinkError as refused:
        return refused.status, {"error": refused.error, "message": str(refused)}


def is_down(account: "Account", reader: JsonObject) -> bool:
    """Whether no device can reach this reader; one that could has lost it."""
    down = any(fault.link_is_down for fault in account.reader_faults(reader["id"]))
    link = account.links.get(reader["id"])
    if down and link is not None:
        link.broken()
    return down


def facts(account: "Account", reader: JsonObject) -> JsonObject:
    """What a reader tells whoever scans."""
    faults = list(account.reader_faults(reader["id"]))
    return {
        "id": reader["id"], "device_type": reader["device_type"], "serial_number": reader["serial_number"],
        "label": reader["label"], "location": reader["location"],
        "battery_percent": next((fault.percent for fault in faults if isinstance(fault, FlatBattery)), None),
        "update": next((fault.update for fault in faults if fault.update), None),
    }


def _connect(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    device = str(order.get("device", ""))
    before = account.links.get(reader["id"])
    if before is not None and before.device != device and order.get("take_over") is not True:
        raise LinkError(409, "taken", "the reader is connected to another device")
    if before is not None:
        before.broken()
    if account.sessions[reader["id"]].state != "idle":
        raise LinkError(409, "busy", "the reader is at work for somebody else")
    link = DeviceLink(account, reader, account.ids.new("lnk"), device)
    account.links[reader["id"]] = link
    return {"link": link.id, "reader": facts(account, reader)}


def _link(account: "Account", reader: JsonObject, order: JsonObject) -> DeviceLink:
    link = account.links.get(reader["id"])
    if link is None or link.id != order.get("link"):
        raise LinkError(410, "link_lost", "this link to the reader is gone")
    return link


def _disconnect(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    _link(account, reader, order).broken()
    return {}


def _state(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    link = _link(account, reader, order)
    if link.prompt is not None and link.prompt["state"] in ("waiting", "read") and not link.has_session:
        return {"prompt": {"state": "gone"}}
    return {"prompt": link.prompt}


def _collect(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    link = _link(account, reader, order)
    session = link.session
    if session.prompt is not None and not link.has_session:
        raise LinkError(409, "busy", "the reader is at work for somebody else")
    kinds = tuple(kind for kind in KINDS if kind in order.get("types", KINDS))
    payment = {"amount": order.get("amount"), "currency": order.get("currency")}
    takes_tip = order.get("tipping") is True
    asks = takes_tip and configurations.asks_for_tip(account, reader, str(payment["currency"]))
    purpose = reads.DeviceRead(account, reader, kinds, Tipping(takes_tip, asks), payment)
    try:
        session.start(Prompt(purpose, order.get("customer_cancellation") is True, link))
    except IllegalTransition:
        raise LinkError(409, "busy", "the reader is reading a card") from None
    link.prompt, link.cart = {"state": "waiting"}, None
    at_moment(account, reader, "collecting")
    return {"prompt": link.prompt}


def _cancel(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    link = _link(account, reader, order)
    if link.has_session:
        if not link.session.can("cancel"):
            raise LinkError(409, "busy", "the reader is reading a card")
        link.session.stop("cancel")
    link.prompt = None
    return {}


def _finish(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    """The device has done with a card what it was read for, or keeps it: {"read", "stored": bool}."""
    link = _link(account, reader, order)
    read = account.reads.get(str(order.get("read")))
    if read is None or (order.get("stored") is True and read.state != "held"):
        raise LinkError(409, "no_card", "the reader does not hold this card any more")
    if order.get("stored") is True:
        read.move("store")
    if link.has_session:
        link.session.stop("cancel")
    link.prompt = None
    return {}


def _display(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    """Shows a cart, {"cart": {"line_items", "tax", "total", "currency"}}, or with null takes it off."""
    link = _link(account, reader, order)
    if link.session.state != "idle":
        raise LinkError(409, "busy", "the reader is asking for a card")
    link.cart = order.get("cart")
    return {}


def _update(account: "Account", reader: JsonObject, order: JsonObject) -> JsonObject:
    """Begins an update, tells how far it is, or, with {"cancel": true}, breaks it off."""
    _link(account, reader, order)
    told = facts(account, reader)
    if told["update"] is None:
        return {"progress": 1.0}
    if told["battery_percent"] is not None and told["battery_percent"] <= BATTERY_FOR_UPDATE:
        raise LinkError(409, "battery_low", f"an update takes more than {BATTERY_FOR_UPDATE} percent of battery")
    for fault in account.reader_faults(reader["id"]):
        if isinstance(fault, ReaderOutdated):
            if order.get("cancel") is True:
                fault.cancel_update()
                return {"progress": None}
            fault.begin_update()
            fault.finish_update()
    update = facts(account, reader)["update"]
    return {"progress": 1.0 if update is None else update["progress"]}


_Handler = Callable[["Account", JsonObject, JsonObject], JsonObject]
_ROUTES: Final[list[tuple[re.Pattern[str], _Handler]]] = [
    (re.compile(f"{method} /_reader/[^/]+/{name}"), handler)
    for method, name, handler in (
        ("POST", "connect", _connect), ("POST", "disconnect", _disconnect), ("GET", "state", _state),
        ("POST", "collect", _collect), ("POST", "cancel", _cancel), ("POST", "finish", _finish),
        ("POST", "update", _update), ("POST", "display", _display),
    )
]
