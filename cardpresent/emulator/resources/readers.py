"""Readers: simulated ones, and what they are doing right now (`action`)."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.card_session import CardSession, Outcome, Prompt
from cardpresent.emulator.errors import (
    JsonObject,
    StripeError,
    intent_invalid_state,
    invalid,
    missing,
    not_emulated,
    reader_busy,
)
from cardpresent.emulator.fidelity import API, GUIDE, declare
from cardpresent.emulator.machine import IllegalTransition, Machine
from cardpresent.emulator.metadata import merged
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.params import UNSET
from cardpresent.emulator.resources import configurations, locations, payment_intents
from cardpresent.emulator.versions import before
from cardpresent.emulator.wire import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_WCPOS = "https://github.com/wcpos/stripe-terminal-for-woocommerce"

declare(
    "reader.simulated", "documented", "https://docs.stripe.com/terminal/payments/connect-reader",
    "simulated-wpe, -s700, -s710 and -v660p register simulated readers, online, with address 0.0.0.0.",
)
declare(
    "reader.simulated_serial", "observed", "https://github.com/stripe-samples/terminal",
    "A simulated reader's serial number is a bare uuid; its label is the registration code and that uuid.",
)
declare("reader.unknown_code", "assumed", "", "An unknown registration code answers 400 naming registration_code.")
declare(
    "reader.process", "documented", GUIDE,
    "process_payment_intent answers with the action in_progress and replaces one nobody presented a card to.",
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
    "reader.cancel_idle", "observed", _WCPOS,
    "cancel_action with nothing running answers 400 resource_missing; the setting idle_cancel makes it a 200.",
)
declare(
    "reader.display", "observed", _WCPOS,
    "A display action stays in_progress until replaced or cancelled, and replaces a payment that waits for a card.",
)
declare(
    "reader.customer_cancel", "documented", GUIDE,
    "With enable_customer_cancellation the customer may cancel: the action fails with customer_canceled.",
)
declare(
    "reader.tip_conflict", "documented", "https://docs.stripe.com/terminal/features/collecting-tips/on-reader",
    "A tip-eligible amount of 0 skips the tip; above 0 together with skip_tipping it is refused.",
)
declare("reader.decline_code", "assumed", GUIDE, "Declines other than card_declined pass their code to failure_code.")

# code -> device type
SIMULATED: Final = {
    "simulated-wpe": "simulated_wisepos_e", "simulated-s700": "simulated_stripe_s700",
    "simulated-s710": "simulated_stripe_s710", "simulated-v660p": "simulated_verifone_v660p",
}


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
        "device_type": SIMULATED[code], "ip_address": "0.0.0.0", "label": params.get("label", f"{code}-{serial}"),
        "last_seen_at": account.clock.now_ms(), "livemode": False, "location": location,
        "metadata": merged({}, params.get("metadata")), "serial_number": serial, "status": "online",
    }


def _action(type: str, content: JsonObject) -> JsonObject:
    return {
        "api_error": None, "failure_code": None, "failure_message": None, type: content, "status": "none",
        "type": type,
    }


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
})


def _state(reader: JsonObject) -> str:
    return reader["action"]["status"] if reader["action"] else "none"


def _start(reader: JsonObject, action: JsonObject) -> None:
    action["status"] = MACHINE.next(reader["id"], _state(reader), "start")
    reader["action"] = action


class PaymentAction:
    """A reader action that takes a payment: the card session's client."""

    __slots__ = ("_account", "_reader")

    def __init__(self, account: "Account", reader: JsonObject) -> None:
        self._account, self._reader = account, reader

    def session_ended(self, outcome: Outcome, cause: Cause) -> None:
        reader = self._reader
        event = "fail" if outcome.failure_code else "succeed"
        action = dict(reader["action"])
        action["status"] = MACHINE.next(reader["id"], action["status"], event)
        action["failure_code"], action["failure_message"] = outcome.failure_code, outcome.failure_message
        action["api_error"] = outcome.api_error
        reader["action"] = action
        self._account.emit(f"terminal.reader.action_{action['status']}", reader, cause)


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str) -> JsonObject:
    found = account.readers.get(id)
    if found is None:
        raise missing("terminal reader", id, "reader")
    return found


def session(account: "Account", reader: JsonObject) -> CardSession:
    return account.sessions[reader["id"]]


def create(call: Call) -> JsonObject:
    account = call.account
    reader = _new(account, call.params)
    account.sessions[reader["id"]] = CardSession(account, reader)
    return account.readers.add(
        reader["id"], reader, account.clock.now(), location=reader["location"], device_type=reader["device_type"],
        serial_number=reader["serial_number"],
    )


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    reader, params = find(call.account, call.id), call.params
    metadata = merged(reader["metadata"], params.get("metadata"))
    if "label" in params:
        reader["label"] = reader["serial_number"] if params["label"] in (UNSET, "") else params["label"]
    reader["metadata"] = metadata
    return reader


def delete(call: Call) -> JsonObject:
    reader, account = find(call.account, call.id), call.account
    if session(account, reader).state == "authorizing":
        raise reader_busy()
    account.readers.remove(reader["id"])
    del account.sessions[reader["id"]]
    return {
        "id": reader["id"], "object": "terminal.reader", "deleted": True, "device_type": reader["device_type"],
        "serial_number": reader["serial_number"],
    }


def list_all(call: Call) -> JsonObject:
    params = call.params
    wanted = {n: params[n] for n in ("serial_number", "location", "device_type", "status") if n in params}
    indexed = next((name for name in wanted if name != "status"), None)
    key = (indexed, wanted[indexed]) if indexed else None
    keep = (lambda reader: all(reader[n] == v for n, v in wanted.items())) if wanted else None
    return page_of(call, call.account.readers, "/v1/terminal/readers", key, keep, "terminal reader")


class Command:
    """A command on its way to a reader: refused before it gets there, or lost on the way back."""

    def __init__(self, call: Call, name: str) -> None:
        self.account, self.name = call.account, name
        self.reader = find(call.account, call.id)
        self.session = session(call.account, self.reader)

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


def process_payment_intent(call: Call) -> JsonObject:
    account, params = call.account, call.params
    command = Command(call, "process_payment_intent")
    pi = payment_intents.find(account, params["payment_intent"], "payment_intent", in_url=False)
    config = params.get("process_config", {})
    for name in config:
        if name == "return_url":
            raise not_emulated('parameter "process_config[return_url]" is not emulated', param="process_config")
    prompt = _prompt(account, command.reader, pi, config)
    if command.session.state == "authorizing" and command.session.prompt is not None:
        raise reader_busy()
    if pi["status"] != "requires_payment_method":
        raise intent_invalid_state()
    command.send()
    try:
        command.session.start(prompt)
    except IllegalTransition as refused:
        raise reader_busy() from refused
    content: JsonObject = {"payment_intent": pi["id"]}
    if config:
        content["process_config"] = config
    _start(command.reader, _action("process_payment_intent", content))
    return command.acknowledged()


def _prompt(account: "Account", reader: JsonObject, pi: JsonObject, config: JsonObject) -> Prompt:
    if not {"card_present", "interac_present"} & set(pi["payment_method_types"]):
        message = "The PaymentIntent must allow card_present or interac_present to be processed by a reader."
        raise invalid(message, param="payment_intent", kept=True)
    eligible = config.get("tipping", {}).get("amount_eligible")
    skip = config.get("skip_tipping", False)
    if eligible is not None and eligible < 0:
        param = "process_config[tipping][amount_eligible]"
        raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=param)
    if eligible and skip:
        message = "process_config[tipping][amount_eligible] cannot be given together with skip_tipping."
        raise invalid(message, code="parameters_exclusive", param="process_config[skip_tipping]")
    takes_tip = not skip and eligible != 0
    asked = takes_tip and configurations.asks_for_tip(account, reader, pi["currency"])
    may_cancel = config.get("enable_customer_cancellation", False)
    return Prompt(pi["id"], pi["amount"], takes_tip, asked, may_cancel, PaymentAction(account, reader))


def cancel_action(call: Call) -> JsonObject:
    command = Command(call, "cancel_action")
    if command.session.state == "authorizing":
        raise reader_busy()
    reader = command.reader
    if not MACHINE.allows(_state(reader), "cancel"):
        if call.account.settings.idle_cancel == "ok":
            return reader
        raise _nothing_to_cancel(reader)
    command.send()
    if command.session.can("cancel"):
        command.session.stop("cancel")
    MACHINE.next(reader["id"], _state(reader), "cancel")
    reader["action"] = None
    return command.acknowledged()


def _nothing_to_cancel(reader: JsonObject) -> StripeError:
    message = f"Reader {reader['id']} has no action to cancel."
    return invalid(message, code="resource_missing", kept=True)


def set_reader_display(call: Call) -> JsonObject:
    command = Command(call, "set_reader_display")
    params: dict[str, Any] = call.params
    content: JsonObject = {"cart": None, "type": params["type"]}
    if "cart" in params:
        cart = params["cart"]
        content["cart"] = {
            "currency": cart["currency"], "line_items": cart["line_items"], "tax": cart.get("tax"),
            "total": cart["total"],
        }
    command.send()
    try:
        command.session.stop("interrupt")
    except IllegalTransition as refused:
        raise reader_busy() from refused
    _start(command.reader, _action("set_reader_display", content))
    return command.acknowledged()


def customer_cancels(account: "Account", reader: JsonObject, cause: Cause) -> JsonObject:
    """The customer presses the cancel button on the screen. Raises IllegalTransition where there is none."""
    current = session(account, reader)
    prompt = current.prompt
    if prompt is None or not prompt.customer_may_cancel:
        raise IllegalTransition(reader["id"], current.state, "customer_cancel", ())
    current.stop("customer_cancel")
    message = "An error occurred on the card reader; start the payment again."
    prompt.client.session_ended(Outcome("customer_canceled", message), cause)
    return reader


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/readers"
_ONE: Final = "/v1/terminal/readers/{reader}"
OPERATIONS: Final = [
    Operation("reader.create", "POST", _ALL, create, "terminal.reader_create"),
    Operation("reader.list", "GET", _ALL, list_all, "terminal.reader_list"),
    Operation("reader.retrieve", "GET", _ONE, retrieve, "terminal.reader_retrieve"),
    Operation("reader.update", "POST", _ONE, update, "terminal.reader_update"),
    Operation("reader.delete", "DELETE", _ONE, delete, "terminal.reader_delete"),
    Operation("reader.process_payment_intent", "POST", f"{_ONE}/process_payment_intent", process_payment_intent,
              "terminal.reader_process_payment_intent"),
    Operation("reader.cancel_action", "POST", f"{_ONE}/cancel_action", cancel_action, "terminal.reader_cancel_action"),
    Operation("reader.set_reader_display", "POST", f"{_ONE}/set_reader_display", set_reader_display,
              "terminal.reader_set_reader_display"),
]
