"""Test helpers for simulated readers: the customer's hand."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import API, TESTING, declare
from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying import amounts, online_cards
from cardpresent.emulator.paying.card_payments import Confirmation
from cardpresent.emulator.paying.card_session import CardSession, Tap
from cardpresent.emulator.paying.cards import CARDS, DEFAULT_CARD, DEFAULT_INTERAC, Card
from cardpresent.emulator.resources import readers

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "present.effect", "documented", f"{API}/terminal/readers/present_payment_method",
    "Presenting a card finishes the running action; the reader comes back with its final status.",
)
declare(
    "present.default_card", "documented", TESTING,
    "Without a number the card is 4242424242424242, or the Interac card where only interac_present is allowed.",
)
declare(
    "present.memory", "documented", TESTING,
    "Card and tip given while collecting are used again while confirming, for 30 minutes; new ones override them.",
)
declare(
    "present.typed_unasked", "assumed", "",
    "A card typed in where one is to be held to the reader, or the reverse, answers 400.",
)
declare("present.memory_over", "assumed", TESTING, "After those 30 minutes the confirmation uses the default card.")
declare("present.nothing_running", "assumed", "", "With no card wanted the helper answers 400 without a code.")
declare("present.unknown_number", "assumed", "", "A number that is not a simulated test card answers 400.")
declare(
    "present.tip_limit", "assumed", "https://docs.stripe.com/terminal/features/collecting-tips/overview",
    "A tip that lifts the total above the largest charge is refused as amount_too_large.",
)

REMEMBERED_S: Final = 30 * 60


def present(
    account: "Account", reader: JsonObject, number: str | None, tip: int | None, cause: Cause,
    typed: JsonObject | None = None, chosen: str | None = None,
) -> JsonObject:
    """Holds a card to the reader, types it in, or inserts it and picks a network (`chosen`: domestic, international).

    Raises Stripe's error when the reader wants none.
    """
    session = readers.session(account, reader)
    if session.prompt is None or not session.can("present"):
        raise invalid(f"Reader {reader['id']} has no action in progress that takes a card.", kept=True)
    if typed is not None and "card" not in session.prompt.purpose.kinds:
        raise invalid(f"Reader {reader['id']} does not ask for a card to be typed in.", param="type", kept=True)
    if typed is None and number is not None and session.prompt.purpose.kinds == ("card",):
        raise invalid(f"Reader {reader['id']} asks for a card to be typed in.", param="type", kept=True)
    _check_tip(account, session, tip)
    card = _card(account, session, number)
    try:
        session.present(Tap(card, tip, cause, account.clock.now(), typed or {}, chosen))
    except IllegalTransition as refused:
        raise invalid(f"Reader {reader['id']} takes no card now: {refused.state}.", kept=True) from refused
    return reader


def _check_tip(account: "Account", session: CardSession, tip: int | None) -> None:
    if tip is None:
        return
    if tip < 0:
        raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param="amount_tip")
    purpose = session.prompt.purpose.payment_intent if session.prompt else None
    pi = account.payment_intents.get(purpose or "")
    if pi is None:
        return
    currency, most = pi["currency"], amounts.maximum(pi["currency"])
    if pi["amount"] + tip > most:
        message = f"Amount with tip must be no more than {amounts.written(most, currency)}"
        raise amounts.too_large(message, param="amount_tip")


def _card(account: "Account", session: CardSession, number: str | None) -> Card:
    assert session.prompt is not None
    purpose = session.prompt.purpose
    if number is None and isinstance(purpose, Confirmation):
        collected = purpose.collected
        if account.clock.now() - collected.at < REMEMBERED_S:
            return collected.card
    if "card" in purpose.kinds:
        return _typed_card(number)
    if number is None:
        number = DEFAULT_INTERAC if purpose.kinds == ("interac_present",) else DEFAULT_CARD
    card = CARDS.get(number)
    if card is None:
        raise invalid("This number is not one of the simulated test cards.", param="card_present[number]")
    return card


def _typed_card(number: str | None) -> Card:
    found = online_cards.BY_NUMBER.get(number or DEFAULT_CARD)
    if found is None:
        raise invalid("This number is not one of the test cards.", param="card[number]")
    return found


def present_payment_method(call: Call) -> JsonObject:
    reader, params = readers.find(call.account, call.id), call.params
    if params.get("type") == "card" or "card" in params:
        typed = params.get("card", {})
        return present(call.account, reader, typed.get("number"), params.get("amount_tip"), call.cause, typed)
    kind = params.get("type", "interac_present" if "interac_present" in params else "card_present")
    number = params.get(kind, {}).get("number")
    if number is None and kind == "interac_present":
        number = DEFAULT_INTERAC
    return present(call.account, reader, number, params.get("amount_tip"), call.cause)


OPERATIONS: Final = [
    Operation("present_payment_method", "POST", "/v1/test_helpers/terminal/readers/{reader}/present_payment_method",
              present_payment_method, "test_helpers.terminal.reader_present_payment_method"),
]
