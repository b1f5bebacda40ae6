"""Readers: simulated ones, what they are doing right now (`action`), and how a command reaches them."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid, missing, reader_busy
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import API, GUIDE, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Prompt
from cardpresent.emulator.resources import locations
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET
from cardpresent.emulator.wire.versions import before

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_WCPOS = "https://github.com/wcpos/stripe-terminal-for-woocommerce"

declare(
    "reader.simulated", "documented", "https://docs.stripe.com/terminal/payments/connect-reader",
    "simulated-wpe, -s700 and -s710 register simulated readers, online, with address 0.0.0.0.",
)
declare(
    "reader.simulated_verifone", "documented", "https://docs.stripe.com/terminal/quickstart",
    "simulated-v660p registers one more; no code is published for the other device types.",
)
declare(
    "reader.simulated_serial", "observed", "https://github.com/stripe-samples/terminal",
    "A simulated reader's serial number is a bare uuid; its label is the registration code and that uuid.",
)
declare(
    "reader.last_seen", "assumed", "https://docs.stripe.com/changelog/clover/2025-10-29/terminal-reader-last-seen",
    "A reader that is connected was last seen just now; one that has gone silent, when it was last heard of.",
)
declare("reader.unknown_code", "assumed", "", "An unknown registration code answers 400 naming registration_code.")
declare(
    "reader.move", "assumed", "https://docs.stripe.com/terminal/fleet/register-readers",
    "A reader moves by being registered again, which makes a new reader with a new id; update cannot move it.",
)
declare(
    "reader.deleted", "assumed", f"{API}/terminal/readers/retrieve",
    "A deleted reader, location or configuration still answers a GET with its deleted stub; no other call finds it.",
)
declare(
    "reader.busy", "documented", GUIDE,
    "While an issuer is being asked, new actions and cancel_action answer terminal_reader_busy.",
)
declare("reader.lost_is_busy", "assumed", "", "A stuck reader answers busy to new actions until cancel_action.")
declare(
    "reader.cancel", "documented", f"{API}/terminal/readers/cancel_action",
    "A successful cancel_action returns the reader with action null.",
)
declare(
    "reader.cancel_idle", "assumed", _WCPOS,
    "cancel_action with nothing running answers 400 resource_missing, on which an integrator relies; the setting "
    "idle_cancel makes it a 200.",
)
declare(
    "reader.cancel_collected", "documented", GUIDE,
    "A collected card is given up by cancel_action, though its action has succeeded.",
)
declare(
    "reader.customer_cancel", "documented", GUIDE,
    "With enable_customer_cancellation the customer may cancel: the action fails with customer_canceled.",
)
declare(
    "reader.replaced", "assumed", GUIDE,
    "Whatever waits for the customer (a card, inputs, paper) is replaced by a new action without a word.",
)
declare("reader.decline_code", "assumed", GUIDE, "Declines other than card_declined pass their code to failure_code.")

# used with an SDK alone, and bound to a location when they are connected
MOBILE: Final = ("stripe_m2", "bbpos_wisepad3", "bbpos_chipper2x")
# code -> device type
SIMULATED: Final = {
    "simulated-wpe": "simulated_wisepos_e", "simulated-s700": "simulated_stripe_s700",
    "simulated-s710": "simulated_stripe_s710", "simulated-v660p": "simulated_verifone_v660p",
}
_CODE_OF: Final = {kind: code for code, kind in SIMULATED.items()}


# -------------------------------------------------------------------------------------------------------------- fields


def _new(account: "Account", params: JsonObject) -> JsonObject:
    code = params["registration_code"]
    if code not in SIMULATED:
        message = f"The registration code {code} is unknown or has expired. Simulated: {', '.join(SIMULATED)}."
        raise invalid(message, param="registration_code")
    location = params.get("location")
    if location is not None:
        locations.find(account, location, in_url=False)
    serial = account.ids.uuid()
    return {
        "id": account.ids.new("tmr"), "object": "terminal.reader", "action": None, "device_sw_version": "",
        "device_type": SIMULATED[code], "ip_address": "0.0.0.0",
        "label": params.get("label") or _default_label(SIMULATED[code], serial),
        "last_seen_at": account.clock.now_ms(), "livemode": False, "location": location,
        "metadata": merged({}, params.get("metadata")), "serial_number": serial, "status": "online",
    }


def _default_label(device_type: str, serial: str) -> str:
    return f"{_CODE_OF.get(device_type, device_type)}-{serial}"


def move_to(account: "Account", reader: JsonObject, location: str) -> None:
    """A mobile reader is in use at another location now."""
    reader["location"] = location
    account.readers.also(reader["id"], location=location)


def place(account: "Account", device_type: str, location: str | None, label: str | None) -> JsonObject:
    """A mobile reader is switched on at the counter; no call of Stripe's API makes one."""
    serial = account.ids.uuid()
    reader: JsonObject = {
        "id": account.ids.new("tmr"), "object": "terminal.reader", "action": None, "device_sw_version": "",
        "device_type": device_type, "ip_address": None, "label": label or _default_label(device_type, serial),
        "last_seen_at": None, "livemode": False, "location": location, "metadata": {}, "serial_number": serial,
        "status": None,
    }
    return _kept(account, reader)


def _kept(account: "Account", reader: JsonObject) -> JsonObject:
    account.sessions[reader["id"]] = CardSession(account, reader)
    return account.readers.add(
        reader["id"], reader, account.clock.now(), location=reader["location"], device_type=reader["device_type"],
        serial_number=reader["serial_number"],
    )


def _last_seen(account: "Account", reader: JsonObject) -> JsonObject:
    """When Stripe heard of the reader last: just now, unless it is silent."""
    is_silent = any(fault.is_silent for fault in account.reader_faults(reader["id"]))
    return {"last_seen_at": reader["last_seen_at"] if is_silent else account.clock.now_ms()}


def _seen(account: "Account", reader: JsonObject) -> JsonObject:
    """The reader as it is read now."""
    return {**reader, **_last_seen(account, reader)}


@before("2026-05-27", "terminal.reader")
def _without_api_error(reader: JsonObject, account: "Account") -> JsonObject:
    if reader.get("action") is None:
        return reader
    return {**reader, "action": {k: v for k, v in reader["action"].items() if k != "api_error"}}


# --------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("reader_action", {
    ("none",        "start"):   "in_progress",
    ("in_progress", "start"):   "in_progress",
    ("succeeded",   "start"):   "in_progress",
    ("failed",      "start"):   "in_progress",
    ("in_progress", "succeed"): "succeeded",
    ("in_progress", "fail"):    "failed",
    ("in_progress", "cancel"):  "none",
    ("succeeded",   "give_up"): "none",
})


def _state(reader: JsonObject) -> str:
    return reader["action"]["status"] if reader["action"] else "none"


def _start(reader: JsonObject, type: str, content: JsonObject) -> JsonObject:
    action = {
        "api_error": None, "failure_code": None, "failure_message": None, type: content,
        "status": MACHINE.next(reader["id"], _state(reader), "start"), "type": type,
    }
    reader["action"] = action
    return action


def finish(account: "Account", reader: JsonObject, outcome: Outcome, cause: Cause) -> None:
    """The running action succeeds or fails, and its event goes out; a collected card only updates it."""
    action = dict(reader["action"])
    action["status"] = MACHINE.next(reader["id"], action["status"], "fail" if outcome.failure_code else "succeed")
    action["failure_code"], action["failure_message"] = outcome.failure_code, outcome.failure_message
    action["api_error"] = outcome.api_error
    if outcome.result:
        action[action["type"]] = {**action[action["type"]], **outcome.result}
    reader["action"] = action
    reader.update(_last_seen(account, reader))
    event = "updated" if outcome.collected else action["status"]
    account.emit(f"terminal.reader.action_{event}", reader, cause)


class CardAction:
    """A reader action that wants a card: the card session's client."""

    __slots__ = ("_account", "_reader")

    def __init__(self, account: "Account", reader: JsonObject) -> None:
        self._account, self._reader = account, reader

    def session_ended(self, outcome: Outcome, cause: Cause) -> None:
        finish(self._account, self._reader, outcome, cause)


# ------------------------------------------------------------------------------------------------------------ commands


class Command:
    """A command on its way to a reader: refused before it gets there, or lost on the way back."""

    def __init__(self, call: Call, name: str) -> None:
        self.account, self.name, self.cause = call.account, name, call.cause
        self.reader = find(call.account, call.id)
        self.session = session(call.account, self.reader)
        self.client = CardAction(self.account, self.reader)

    def check_free(self) -> None:
        """Raises busy while an issuer is being asked, or while somebody else than this API drives the reader."""
        if self.is_driven_elsewhere() or self.session.state == "authorizing":
            raise reader_busy()

    def is_driven_elsewhere(self) -> bool:
        """Whether somebody else than this API drives the reader. A fault that does has been met."""
        prompt = self.session.prompt
        if prompt is None or isinstance(prompt.client, CardAction):
            return False
        if isinstance(prompt.client, Fault):
            prompt.client.fire()
        return True

    def send(self) -> None:
        """Raises what a fault on this reader answers in the command's place."""
        for fault in self.account.reader_faults(self.reader["id"]):
            refusal = fault.refuses(self.name)
            if refusal is not None:
                raise refusal
        self.reader["last_seen_at"] = self.account.clock.now_ms()

    def acknowledged(self) -> JsonObject:
        """The reader, unless a fault loses its acknowledgement after the command took effect."""
        for fault in self.account.reader_faults(self.reader["id"]):
            lost = fault.loses_answer(self.name)
            if lost is not None:
                raise lost
        return self.reader

    def start(self, content: JsonObject, prompt: Prompt | None = None) -> JsonObject:
        """Starts the action of this command's name, with a card prompt if it wants a card; returns the action."""
        self.check_free()
        self.send()
        try:
            if prompt is None:
                self.session.stop("interrupt", self.cause)
            else:
                self.session.start(prompt, self.cause)
        except IllegalTransition as refused:
            raise reader_busy() from refused
        return _start(self.reader, self.name, content)

    def confirm(self, content: JsonObject, prompt: Prompt) -> JsonObject:
        """Starts the action of this command's name with the card that was collected."""
        self.send()
        self.session.confirm(prompt)
        return _start(self.reader, self.name, content)


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str) -> JsonObject:
    found = account.readers.get(id)
    if found is None:
        raise missing("terminal reader", id, "reader")
    return found


def session(account: "Account", reader: JsonObject) -> CardSession:
    return account.sessions[reader["id"]]


def create(call: Call) -> JsonObject:
    return _kept(call.account, _new(call.account, call.params))


def retrieve(call: Call) -> JsonObject:
    return call.account.deleted.get(call.id) or _seen(call.account, find(call.account, call.id))


def update(call: Call) -> JsonObject:
    reader, params = find(call.account, call.id), call.params
    metadata = merged(reader["metadata"], params.get("metadata"))
    if "label" in params:
        unset = params["label"] in (UNSET, "")
        reader["label"] = _default_label(reader["device_type"], reader["serial_number"]) if unset else params["label"]
    reader["metadata"] = metadata
    return _seen(call.account, reader)


def delete(call: Call) -> JsonObject:
    reader, account = find(call.account, call.id), call.account
    current = session(account, reader)
    if current.state == "authorizing":
        raise reader_busy()
    if current.can("cancel"):
        current.stop("cancel", call.cause)
    account.readers.remove(reader["id"])
    del account.sessions[reader["id"]]
    stub = {
        "id": reader["id"], "object": "terminal.reader", "deleted": True, "device_type": reader["device_type"],
        "serial_number": reader["serial_number"],
    }
    account.deleted[reader["id"]] = stub
    reader["action"] = None
    return stub


def list_all(call: Call) -> JsonObject:
    params = call.params
    wanted = {n: params[n] for n in ("serial_number", "location", "device_type", "status") if n in params}
    indexed = next((name for name in wanted if name != "status"), None)
    key = (indexed, wanted[indexed]) if indexed else None
    keep = (lambda reader: all(reader[n] == v for n, v in wanted.items())) if wanted else None
    page = page_of(call, call.account.readers, "/v1/terminal/readers", key, keep, "terminal reader")
    return {**page, "data": [_seen(call.account, reader) for reader in page["data"]]}


def cancel_action(call: Call) -> JsonObject:
    command = Command(call, "cancel_action")
    reader, current = command.reader, command.session
    if command.is_driven_elsewhere():
        raise invalid("This reader is processing a payment for a different integration mode.", kept=True)
    if current.state == "authorizing":
        raise reader_busy()
    event = "give_up" if current.state == "collected" else "cancel"
    if not MACHINE.allows(_state(reader), event):
        if call.account.settings.idle_cancel == "ok":
            return reader
        raise _nothing_to_cancel(reader)
    command.send()
    if current.can("cancel"):
        current.stop("cancel", call.cause)
    MACHINE.next(reader["id"], _state(reader), event)
    reader["action"] = None
    return command.acknowledged()


def _nothing_to_cancel(reader: JsonObject) -> StripeError:
    message = f"Reader {reader['id']} has no action to cancel."
    return invalid(message, code="resource_missing", kept=True)


def customer_cancels(account: "Account", reader: JsonObject, cause: Cause) -> JsonObject:
    """The customer presses the cancel button on the screen. Raises IllegalTransition where there is none."""
    current = session(account, reader)
    prompt = current.prompt
    if prompt is None or not prompt.customer_may_cancel:
        raise IllegalTransition(reader["id"], current.state, "customer_cancel", ())
    current.stop("customer_cancel", cause)
    message = "An error occurred on the card reader; start the payment again."
    prompt.client.session_ended(Outcome("customer_canceled", message), cause)
    return reader


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/readers"
ONE: Final = "/v1/terminal/readers/{reader}"
OPERATIONS: Final = [
    Operation("reader.create", "POST", _ALL, create, "terminal.reader_create"),
    Operation("reader.list", "GET", _ALL, list_all, "terminal.reader_list"),
    Operation("reader.retrieve", "GET", ONE, retrieve, "terminal.reader_retrieve"),
    Operation("reader.update", "POST", ONE, update, "terminal.reader_update"),
    Operation("reader.delete", "DELETE", ONE, delete, "terminal.reader_delete"),
    Operation("reader.cancel_action", "POST", f"{ONE}/cancel_action", cancel_action, "terminal.reader_cancel_action"),
]
