"""An SDK's calls to Stripe: being let in, making and confirming payments, and forwarding what was stored offline."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid_location_for_payment
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.mobile import link, reads, sessions
from cardpresent.emulator.mobile.reads import Read
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.paying.card_payments import Charging
from cardpresent.emulator.resources import configurations, confirming, locations, payment_intents, readers
from cardpresent.emulator.wire.params import absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_COLLECT: Final = "https://docs.stripe.com/terminal/payments/collect-card-payment"
_OFFLINE: Final = "https://docs.stripe.com/terminal/features/operate-offline/collect-card-payments"
_ONE: Final = f"{sessions.PATHS}payment_intents/{{intent}}"

declare(
    "sdk.connect", "documented", "https://docs.stripe.com/terminal/payments/connect-reader",
    "A mobile reader belongs to the Location it is connected at; others keep the one they were registered at.",
)
declare(
    "sdk.connect_abroad", "assumed", "https://github.com/woocommerce/woocommerce-android/pull/14274",
    "A reader at a Location in another country than the account's is refused when an SDK connects to it.",
)
declare(
    "sdk.confirm", "documented", _COLLECT,
    "The SDK confirms a PaymentIntent with the card it collected; a bank that wants a PIN has it asked for.",
)
declare(
    "sdk.confirm_at_once", "assumed", "",
    "A bank answers an SDK's confirmation at once: what makes it slow at a server's reader does not count here.",
)
declare(
    "sdk.forward", "documented", _OFFLINE,
    "A stored payment that is forwarded becomes a PaymentIntent with its metadata, or goes on with the one it has, and "
    "the issuer is asked then.",
)
declare(
    "sdk.forward_details", "documented",
    "https://docs.stripe.com/changelog/acacia/2024-09-30/terminal-offline-details-card-present-paymentmethods",
    "Its charge and its PaymentMethod say offline: stored_at, and type deferred.",
)
declare(
    "sdk.forward_once", "assumed", f"{API}/idempotent_requests",
    "Stored card data pays once: forwarded again under whatever key, it answers with the PaymentIntent it made.",
)
declare(
    "sdk.offline_no_pin", "assumed", _OFFLINE,
    "A bank that would decline a tap softly is asked once at forwarding: the PIN was entered when the card was read.",
)


class _Beside:
    """Where a card was read, as a charge needs it. The device asks for the PIN by itself."""

    def __init__(self, account: "Account", reader: JsonObject) -> None:
        self._account, self.reader = account, reader

    def approved(self, amount: int) -> int:
        for fault in self._account.reader_faults(self.reader["id"]):
            amount = fault.approved_amount(amount)
        return amount

    def ask_again(self) -> None:
        """The device shows the reader's own prompt for the PIN; the customer enters it."""


# ---------------------------------------------------------------------------------------------------------- operations


def reach(call: Call) -> JsonObject:
    """That Stripe is there, and lets this session in."""
    return {"object": "terminal.sdk_reach"}


def activate(call: Call) -> JsonObject:
    """Lets an SDK in for a connection token; with a reader, that reader is in use at a location from now on."""
    account, params = call.account, call.params
    if "connection_token" not in params:
        raise absent("connection_token")
    reader = readers.find(account, params["reader"]) if "reader" in params else None
    location = params.get("location") or (reader["location"] if reader else None)
    if location is not None:
        location = locations.find(account, location, in_url=False)["id"]
    scope = account.token_locations.get(params["connection_token"])
    if location is not None and reader is not None:
        _check_country(account, location)
    session = sessions.redeem(account, params["connection_token"], location)
    if reader is not None:
        if location is not None and reader["device_type"] in readers.MOBILE:
            readers.move_to(account, reader, location)
        reader["last_seen_at"] = account.clock.now_ms()
    offline = configurations.in_force(account, reader, "offline") if reader else None
    return {
        "object": "terminal.sdk_session", "session": session, "account": account.id,
        "reader": reader["id"] if reader else None, "location": reader["location"] if reader else None,
        "offline_enabled": bool((offline or {}).get("enabled")), "country": account.settings.country,
        "token_location": scope,
    }


def _check_country(account: "Account", location: str) -> None:
    at = locations.find(account, location)
    if at["address"]["country"] != account.settings.country:
        raise invalid_location_for_payment()


def confirm(call: Call) -> JsonObject:
    """Charges the card that was read. Raises its decline with the PaymentIntent, after everything is written down."""
    account = call.account
    pi = payment_intents.to_change(call)
    read = read_of(call)
    if read.state != "held":
        raise reads.refused(read.id, read.state)
    _check_unpaid(pi)
    read.move("spend")
    try:
        return _charge(call, pi, read, None)
    finally:
        reader = account.readers.get(read.reader["id"])
        if reader is not None:
            link.at_moment(account, reader, "confirming")


def forward(call: Call) -> JsonObject:
    """Charges a card that was read while there was no line. Raises its decline with the PaymentIntent."""
    account, params = call.account, call.params
    read = read_of(call)
    if "stored_at" not in params:
        raise absent("stored_at")
    if read.state == "spent":
        return _as_before(account, read)
    if read.state != "stored":
        raise reads.refused(read.id, read.state)
    pi = _forwarded_intent(call)
    if any(fault.repeats_forward() for fault in account.reader_faults(read.reader["id"])):
        with suppress(StripeError):  # nobody waits for this one's answer
            _charge(call, _made_of(call), replace(read), params["stored_at"])
    read.move("spend")
    return _charge(call, pi, read, params["stored_at"])


def read_of(call: Call) -> Read:
    """The card data that a call names."""
    if "read" not in call.params:
        raise absent("read")
    return reads.find(call.account, call.params["read"])


def _check_unpaid(pi: JsonObject) -> None:
    if not payment_intents.MACHINE.allows(pi["status"], "decline"):
        message = f"This PaymentIntent could not be confirmed because it has a status of {pi['status']}."
        raise payment_intents.unexpected_state(pi, message)


def _as_before(account: "Account", read: Read) -> JsonObject:
    pi = payment_intents.find(account, read.payment_intent or "")
    if pi["last_payment_error"] is not None and pi["status"] == "requires_payment_method":
        raise StripeError(402, {**pi["last_payment_error"], "payment_intent": pi})
    return pi


def _forwarded_intent(call: Call) -> JsonObject:
    """The PaymentIntent made before the line went, or one made now of what was stored."""
    if "payment_intent" not in call.params:
        return _made_of(call)
    pi = payment_intents.find(call.account, call.params["payment_intent"], "payment_intent", in_url=False)
    _check_unpaid(pi)
    return pi


def _made_of(call: Call) -> JsonObject:
    made: JsonObject = {name: call.params[name] for name in _STORED if name in call.params}
    for needed in ("amount", "currency"):
        if needed not in made:
            raise absent(needed)
    return confirming.create(Call(call.account, made, (), call.cause, call.version))


def _charge(call: Call, pi: JsonObject, read: Read, stored_at: int | None) -> JsonObject:
    account = call.account
    read.payment_intent = pi["id"]
    reader = account.readers.get(read.reader["id"]) or read.reader
    tap = replace(read.tap, cause=call.cause)
    charging = Charging(account, _Beside(account, {**reader, **read.reader}), pi, tap, None, stored_at)
    outcome = charging.charge(pi["amount"], read.tip, None)
    if outcome.api_error is not None:
        raise StripeError(402, {**outcome.api_error, "payment_intent": pi})
    return pi


# -------------------------------------------------------------------------------------------------------------- routes

_STORED: Final = ("amount", "currency", "capture_method", "metadata", "payment_method_types", "description")
OPERATIONS: Final = [
    Operation("sdk.reach", "GET", f"{sessions.PATHS}reach", reach),
    Operation("sdk.activate", "POST", sessions.ACTIVATE, activate),
    Operation("sdk.create_payment_intent", "POST", f"{sessions.PATHS}payment_intents", confirming.create,
              "payment_intent_create", " ".join(_STORED)),
    Operation("sdk.retrieve_payment_intent", "GET", _ONE, payment_intents.retrieve, "payment_intent_retrieve"),
    Operation("sdk.confirm_payment_intent", "POST", f"{_ONE}/confirm", confirm),
    Operation("sdk.cancel_payment_intent", "POST", f"{_ONE}/cancel", payment_intents.cancel, "payment_intent_cancel"),
    Operation("sdk.forward", "POST", f"{sessions.PATHS}forward", forward),
]
