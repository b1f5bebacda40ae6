"""Reader actions that save a card without charging it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, intent_invalid_state, invalid
from cardpresent.emulator.fidelity import TESTING, declare
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Prompt, Tap
from cardpresent.emulator.paying.cards import Card
from cardpresent.emulator.resources import payment_methods, setup_attempts, setup_intents
from cardpresent.emulator.resources.readers import ONE, Command

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE = "https://docs.stripe.com/terminal/features/saving-cards/save-cards-directly"

declare(
    "reader_setup.generated_card", "documented", _GUIDE,
    "A saved card leaves a reusable generated card, named by the action and the SetupAttempt and attached to the "
    "customer; the SetupIntent's own PaymentMethod is the presented card, which cannot be charged.",
)
declare(
    "reader_setup.error_cards", "documented", TESTING,
    "Every card that is declined fails a SetupIntent with setup_intent_authentication_failure.",
)
declare(
    "reader_setup.error_type", "assumed", TESTING,
    "That error is an invalid_request_error without decline_code, and the action's failure_code is its code.",
)
declare(
    "reader_setup.brands", "documented", _GUIDE,
    "Visa, Mastercard, American Express, Discover and cards co-branded with them are saved; others are not.",
)
declare("reader_setup.brand_error", "assumed", _GUIDE, "A brand that cannot be saved fails the action the same way.")
declare(
    "reader_setup.consent", "assumed", _GUIDE,
    "allow_redisplay unspecified is no consent: process_setup_intent answers 400 naming it.",
)

_FAILURE: Final = "setup_intent_authentication_failure"


class Saving:
    """The presented card is saved for the SetupIntent."""

    kinds = ("card_present",)
    payment_intent = None

    def __init__(self, account: "Account", setup_intent: JsonObject, allow_redisplay: str) -> None:
        self._account, self._setup_intent, self._allow_redisplay = account, setup_intent, allow_redisplay

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        return self.save(tap)

    def save(self, tap: Tap) -> Outcome:
        """Saves the card that was read, wherever it was."""
        setup_intent, account = self._setup_intent, self._account
        if setup_intent["status"] != "requires_payment_method":
            message = f"This SetupIntent could not be processed because it is {setup_intent['status']}."
            error = invalid(message, code="setup_intent_unexpected_state").error()
            return Outcome("setup_intent_unexpected_state", message, error)
        card = _international(tap.card)
        method = payment_methods.make(account, card, card.read_method)
        attempt = setup_attempts.make(account, setup_intent, method, {"generated_card": None, "offline": None})
        generated = None if card.decline is not None else self._generate(card, attempt, tap.cause)
        if generated is None:
            message = "The card could not be saved: its bank did not authenticate it, or its brand cannot be saved."
            error = invalid(message, code=_FAILURE).error()
            setup_intents.fail(account, setup_intent, attempt, {**error, "payment_method": method}, tap.cause)
            return Outcome(_FAILURE, message, error)
        attempt["payment_method_details"][method["type"]]["generated_card"] = generated
        setup_intents.succeed(account, setup_intent, attempt, tap.cause)
        return Outcome(result={"generated_card": generated})

    def _generate(self, card: Card, attempt: JsonObject, cause: Cause) -> str | None:
        source = {"charge": None, "payment_method_details": None, "setup_attempt": attempt["id"]}
        customer = self._setup_intent["customer"]
        return payment_methods.generate(self._account, card, None, source, customer, self._allow_redisplay, cause)

    def dropped(self, cause: Cause) -> None:
        """Nothing was touched yet."""


def _international(card: Card) -> Card:
    """A co-branded card as its international brand sees it."""
    return replace(card, network="") if card.network else card


# ---------------------------------------------------------------------------------------------------------- operations


def process_setup_intent(call: Call) -> JsonObject:
    account, params = call.account, call.params
    command = Command(call, "process_setup_intent")
    setup_intent = setup_intents.find(account, params["setup_intent"], "setup_intent", in_url=False)
    if "card_present" not in setup_intent["payment_method_types"]:
        message = "The SetupIntent must allow card_present to be processed by a reader."
        raise invalid(message, param="setup_intent", kept=True)
    if params["allow_redisplay"] == "unspecified":
        message = "Saving a card takes the customer's consent: allow_redisplay must be always or limited."
        raise invalid(message, param="allow_redisplay")
    command.check_free()
    if setup_intent["status"] != "requires_payment_method":
        raise intent_invalid_state("SetupIntent")
    config = params.get("process_config", {})
    purpose = Saving(account, setup_intent, params["allow_redisplay"])
    prompt = Prompt(purpose, config.get("enable_customer_cancellation", False), command.client)
    content: JsonObject = {"setup_intent": setup_intent["id"]}
    if config:
        content["process_config"] = config
    command.start(content, prompt)
    return command.acknowledged()


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("reader.process_setup_intent", "POST", f"{ONE}/process_setup_intent", process_setup_intent,
              "terminal.reader_process_setup_intent"),
]
