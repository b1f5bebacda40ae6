"""What a page's SDK asks of Stripe beside payments: the account's readers, cards to keep, refunds at the reader."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.mobile import reads, sessions
from cardpresent.emulator.mobile.payments import read_of
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.paying import connect
from cardpresent.emulator.paying.card_session import Outcome, Tap
from cardpresent.emulator.resources import readers, refunds, setup_intents
from cardpresent.emulator.resources.reader_refunds import CardRefund
from cardpresent.emulator.resources.reader_setups import Saving
from cardpresent.emulator.store import Cut
from cardpresent.emulator.wire.params import absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_JS: Final = "https://docs.stripe.com/terminal/references/api/js-sdk"
_ONE: Final = f"{sessions.PATHS}setup_intents/{{intent}}"
MOST: Final = 100

declare(
    "sdk.discover_registered", "documented", f"{_JS}#discover-readers",
    "A page finds the smart readers registered to the account, of one Location where it names one.",
)
declare("sdk.discover_most", "assumed", f"{_JS}#errors", f"Of more than {MOST} readers it is told that there are more.")
declare(
    "sdk.simulated_reader", "assumed", f"{_JS}#discover-readers",
    "simulated: true finds the newest registered reader, under its own id; Stripe has one that is registered nowhere.",
)
declare(
    "sdk.setup_and_refund", "documented", _JS,
    "A page's SDK confirms a SetupIntent, and makes an Interac refund, with the card that it collected.",
)


def discover(call: Call) -> JsonObject:
    """The smart readers of the account, newest first: a list as Stripe's own."""
    account, location = call.account, call.params.get("location")
    simulated = call.params.get("simulated") is True

    def keep(reader: JsonObject) -> bool:
        return reader["device_type"] not in readers.MOBILE and (simulated or location in (None, reader["location"]))

    found: list[JsonObject] = []
    more = False
    if account.settings.readers_in_range:
        found, more = account.readers.page(Cut(1 if simulated else MOST), keep=keep)
    return {"object": "list", "data": found, "has_more": more and not simulated, "url": "/v1/terminal/readers"}


def confirm_setup(call: Call) -> JsonObject:
    """Keeps the card that was read. Raises its refusal with the SetupIntent, after everything is written down."""
    account, params = call.account, call.params
    setup_intent = setup_intents.find(account, call.id)
    if "allow_redisplay" not in params:
        raise absent("allow_redisplay")
    outcome = Saving(account, setup_intent, params["allow_redisplay"]).save(_spent(call))
    if outcome.api_error is not None:
        raise StripeError(402, {**outcome.api_error, "setup_intent": setup_intent})
    return setup_intent


def create_refund(call: Call) -> JsonObject:
    """Gives money back to the card that was read. Raises Stripe's refusals."""
    account, params = call.account, call.params
    for needed in ("charge", "amount"):
        if needed not in params:
            raise absent(needed)
    charge = refunds.charge_of(account, params)
    amount: int = params["amount"]
    refunds.check_amount(charge, amount)
    connect.check_refund(account, charge, params)
    outcome = CardRefund(account, charge, amount, params).pay_back(_spent(call))
    if outcome.api_error is not None:
        raise StripeError(402, outcome.api_error)
    return _made(account, outcome)


def _made(account: "Account", outcome: Outcome) -> JsonObject:
    refund: JsonObject | None = account.refunds.get(outcome.result["refund"])
    assert refund is not None
    return refund


def _spent(call: Call) -> Tap:
    """The card data that the call names, which is used up by it."""
    read = read_of(call)
    if read.state != "held":
        raise reads.refused(read.id, read.state)
    read.move("spend")
    return replace(read.tap, cause=call.cause)


OPERATIONS: Final = [
    Operation("sdk.discover_readers", "GET", f"{sessions.PATHS}readers", discover),
    Operation("sdk.retrieve_setup_intent", "GET", _ONE, setup_intents.retrieve, "setup_intent_retrieve"),
    Operation("sdk.confirm_setup_intent", "POST", f"{_ONE}/confirm", confirm_setup),
    Operation("sdk.create_refund", "POST", f"{sessions.PATHS}refunds", create_refund),
]
