"""Reader actions that take a payment: in one step, or collecting the card first and confirming afterwards."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, intent_invalid_state, invalid, invalid_location_for_payment
from cardpresent.emulator.fidelity import GUIDE, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.paying import keyed_cards
from cardpresent.emulator.paying.card_payments import Collection, Confirmation, Payment, Tipping
from cardpresent.emulator.paying.card_session import Prompt, Purpose
from cardpresent.emulator.resources import configurations, payment_intents
from cardpresent.emulator.resources.readers import ONE, Command
from cardpresent.emulator.wire.params import absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ON_READER = "https://docs.stripe.com/terminal/features/collecting-tips/on-reader"

declare(
    "reader.process", "documented", GUIDE,
    "process_payment_intent answers with the action in_progress and replaces one nobody presented a card to.",
)
declare(
    "reader.process_config", "observed", "https://github.com/stripe-samples/terminal",
    "An action repeats the configuration it was given, without allow_redisplay; none given, none shown.",
)
declare(
    "reader.collect", "documented", GUIDE,
    "collect_payment_method reads the card: its PaymentMethod stands in the action and on the PaymentIntent, and "
    "terminal.reader.action_updated is sent.",
)
declare("reader.collect_status", "assumed", GUIDE, "The action of a collected card reads succeeded.")
declare(
    "reader.collect_again", "assumed", GUIDE,
    "A PaymentIntent in requires_confirmation may be collected again, with another card.",
)
declare(
    "reader.confirm", "documented", GUIDE,
    "confirm_payment_intent charges the collected card; on a simulated reader present_payment_method finishes it.",
)
declare(
    "reader.confirm_elsewhere", "assumed", "",
    "Confirming on a reader that holds no card for the PaymentIntent answers 400 without a code.",
)
declare(
    "reader.tip_conflict", "documented", _ON_READER,
    "A tip-eligible amount of 0 skips the tip; above 0 together with skip_tipping it is refused.",
)
declare("reader.tip_eligible_limit", "assumed", _ON_READER, "A tip-eligible amount above the payment's is refused.")
declare(
    "reader.consent", "assumed",
    "https://docs.stripe.com/changelog/acacia/2024-09-30/terminal-remove-customer-consent-require-allow-redisplay",
    "Since 2024-09-30 a payment with setup_future_usage is not taken without allow_redisplay always or limited.",
)

declare(
    "reader.location_for_payment", "documented", "https://docs.stripe.com/terminal/payments/regional",
    "A reader takes payments only in the country of the account that receives them.",
)
declare(
    "reader.location_for_payment_code", "assumed", "https://docs.stripe.com/error-codes",
    "Elsewhere it answers 400 terminal_reader_invalid_location_for_payment; with on_behalf_of it is not looked at.",
)

_CONSENT_SINCE: Final = "2024-09-30"


# ---------------------------------------------------------------------------------------------------------- operations


def process_payment_intent(call: Call) -> JsonObject:
    command = Command(call, "process_payment_intent")
    account, config = call.account, call.params.get("process_config", {})
    pi = payment_intents.find(account, call.params["payment_intent"], "payment_intent", in_url=False)
    typed = keyed_cards.check(account, command.reader, pi, config)
    if not typed:
        _check_types(pi)
    tipping = _tipping(account, command.reader, pi, config, "process_config")
    _check_consent(call, pi, config, "process_config")
    _check_location(account, command.reader, pi)
    command.check_free()
    if pi["status"] != "requires_payment_method":
        raise intent_invalid_state()
    consent = config.get("allow_redisplay")
    purpose: Purpose = (
        keyed_cards.KeyedPayment(account, pi, consent) if typed else Payment(account, pi, tipping, consent)
    )
    prompt = Prompt(purpose, config.get("enable_customer_cancellation", False), command.client)
    command.start(_content(pi, "process_config", config), prompt)
    return command.acknowledged()


def collect_payment_method(call: Call) -> JsonObject:
    command = Command(call, "collect_payment_method")
    pi, config = _payment(call), call.params.get("collect_config", {})
    tipping = _tipping(call.account, command.reader, pi, config, "collect_config")
    _check_consent(call, pi, config, "collect_config")
    _check_location(call.account, command.reader, pi)
    command.check_free()
    if not payment_intents.MACHINE.allows(pi["status"], "collect"):
        raise intent_invalid_state()
    purpose = Collection(call.account, pi, tipping, config.get("allow_redisplay"))
    prompt = Prompt(purpose, config.get("enable_customer_cancellation", False), command.client, only_reads=True)
    command.start(_content(pi, "collect_config", config), prompt)
    return command.acknowledged()


def confirm_payment_intent(call: Call) -> JsonObject:
    command = Command(call, "confirm_payment_intent")
    pi, config = _payment(call), call.params.get("confirm_config", {})
    command.check_free()
    if pi["status"] != "requires_confirmation":
        raise intent_invalid_state()
    current = command.session
    if not current.holds_card_for(pi["id"]) or current.prompt is None or current.held is None:
        message = f"Reader {command.reader['id']} holds no card that was collected for this PaymentIntent."
        raise invalid(message, param="payment_intent", kept=True)
    collection = current.prompt.purpose
    assert isinstance(collection, Collection)
    prompt = Prompt(Confirmation(call.account, collection, current.held), False, command.client)
    command.confirm(_content(pi, "confirm_config", config), prompt)
    return command.acknowledged()


def _payment(call: Call) -> JsonObject:
    pi = payment_intents.find(call.account, call.params["payment_intent"], "payment_intent", in_url=False)
    _check_types(pi)
    return pi


def _check_types(pi: JsonObject) -> None:
    if not {"card_present", "interac_present"} & set(pi["payment_method_types"]):
        message = "The PaymentIntent must allow card_present or interac_present to be processed by a reader."
        raise invalid(message, param="payment_intent", kept=True)


def _tipping(account: "Account", reader: JsonObject, pi: JsonObject, config: JsonObject, name: str) -> Tipping:
    eligible = config.get("tipping", {}).get("amount_eligible")
    skip = config.get("skip_tipping", False)
    param = f"{name}[tipping][amount_eligible]"
    if eligible is not None and eligible < 0:
        raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=param)
    if eligible and skip:
        message = f"{param} cannot be given together with skip_tipping."
        raise invalid(message, code="parameters_exclusive", param=f"{name}[skip_tipping]")
    if eligible is not None and eligible > pi["amount"]:
        raise invalid("The tip-eligible amount cannot be greater than the PaymentIntent's amount.", param=param)
    takes_tip = not skip and eligible != 0
    return Tipping(takes_tip, takes_tip and configurations.asks_for_tip(account, reader, pi["currency"]))


def _check_location(account: "Account", reader: JsonObject, pi: JsonObject) -> None:
    location = account.locations.get(reader["location"] or "")
    if location is None or pi["on_behalf_of"] is not None:
        return
    if location["address"]["country"] != account.settings.country:
        raise invalid_location_for_payment()


def _check_consent(call: Call, pi: JsonObject, config: JsonObject, name: str) -> None:
    given = config.get("allow_redisplay", "unspecified")
    if pi["setup_future_usage"] is not None and given == "unspecified" and call.version[:10] >= _CONSENT_SINCE:
        raise absent(f"{name}[allow_redisplay]")


def _content(pi: JsonObject, name: str, config: JsonObject) -> JsonObject:
    shown = {key: value for key, value in config.items() if key not in ("allow_redisplay", "moto")}
    return {"payment_intent": pi["id"], name: shown} if shown else {"payment_intent": pi["id"]}


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("reader.process_payment_intent", "POST", f"{ONE}/process_payment_intent", process_payment_intent,
              "terminal.reader_process_payment_intent"),
    Operation("reader.collect_payment_method", "POST", f"{ONE}/collect_payment_method", collect_payment_method,
              "terminal.reader_collect_payment_method"),
    Operation("reader.confirm_payment_intent", "POST", f"{ONE}/confirm_payment_intent", confirm_payment_intent,
              "terminal.reader_confirm_payment_intent"),
]
