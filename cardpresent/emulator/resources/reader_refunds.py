"""Reader actions that refund a payment with the card present, as Interac demands."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, doc_url, invalid
from cardpresent.emulator.fidelity import TESTING, declare
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.paying import connect
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Prompt, Tap
from cardpresent.emulator.paying.cards import AMOUNT_ENDINGS, Decline
from cardpresent.emulator.resources import charges, refunds
from cardpresent.emulator.resources.readers import ONE, Command

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE = "https://docs.stripe.com/terminal/features/refunds"

declare(
    "reader_refund.action", "documented", _GUIDE,
    "refund_payment waits for the card; the action names its refund only when it succeeds.",
)
declare(
    "reader_refund.same_card", "documented", _GUIDE,
    "An Interac payment is refunded to the same card, wholly or in parts; another card is refused.",
)
declare(
    "reader_refund.interac_only", "observed", "https://github.com/stripe/stripe-terminal-react-native/issues/230",
    "With an SDK, a payment that is not interac_present is refused once the card was read, not at the start.",
)
declare("reader_refund.interac_only_here", "assumed", _GUIDE, "refund_payment refuses it at the same moment.")
declare("reader_refund.refused_code", "assumed", _GUIDE, "Both refusals fail the action as charge_not_refundable.")
declare(
    "reader_refund.endings", "documented", TESTING,
    "A partial Interac refund whose amount ends in 01, 05, 55, 65 or 75 is declined.",
)
declare("reader_refund.no_trace", "assumed", _GUIDE, "A refund that failed at the reader leaves no Refund object.")

_DECLINED_ENDINGS: Final = frozenset({1, 5, 55, 65, 75})


class CardRefund:
    """The card that paid is presented again, and the money goes back to it."""

    kinds = ("interac_present",)
    payment_intent = None

    def __init__(self, account: "Account", charge: JsonObject, amount: int, params: JsonObject) -> None:
        self._account, self._charge, self._amount, self._params = account, charge, amount, params

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        return self.pay_back(tap)

    def pay_back(self, tap: Tap) -> Outcome:
        """Gives the money back to the card that was read, wherever it was."""
        charge = self._charge
        try:
            self._check(tap)
        except StripeError as refused:
            return Outcome(str(refused.fields["code"]), str(refused), refused.error())
        if self._amount < charge["amount"] and self._amount % 100 in _DECLINED_ENDINGS:
            decline = AMOUNT_ENDINGS[self._amount % 100]
            return Outcome(decline.code, decline.message, _card_error(charge, decline))
        refund = refunds.issue(self._account, charge, self._amount, self._params, tap.cause)
        return Outcome(result={"refund": refund["id"]})

    def _check(self, tap: Tap) -> None:
        charge = self._charge
        if charge["payment_method_details"]["type"] != "interac_present" or not tap.card.is_interac:
            message = "The charge and the PaymentMethod presented for its refund must both be interac_present."
            raise invalid(message, code="charge_not_refundable")
        if tap.card is not self._account.cards[charge["id"]].card:
            message = "This is not the card that paid; an Interac payment is refunded to the same card only."
            raise invalid(message, code="charge_not_refundable")
        refunds.check_amount(charge, self._amount)

    def dropped(self, cause: Cause) -> None:
        """Nothing was touched yet."""


def _card_error(charge: JsonObject, decline: Decline) -> JsonObject:
    return {
        "charge": charge["id"], "code": decline.code, "decline_code": decline.decline_code,
        "doc_url": doc_url(decline.code), "message": decline.message, "type": "card_error",
    }


# ---------------------------------------------------------------------------------------------------------- operations


def refund_payment(call: Call) -> JsonObject:
    account, params = call.account, call.params
    command = Command(call, "refund_payment")
    charge = refunds.charge_of(account, params)
    amount: int = params.get("amount", charges.refundable(charge))
    refunds.check_amount(charge, amount)
    connect.check_refund(account, charge, params)
    config = params.get("refund_payment_config", {})
    purpose = CardRefund(account, charge, amount, params)
    prompt = Prompt(purpose, config.get("enable_customer_cancellation", False), command.client)
    names = ("amount", "charge", "metadata", "payment_intent", "refund_application_fee", "refund_payment_config",
             "reverse_transfer")
    content = {name: params[name] for name in names if name in params}
    command.start({"amount": amount, **content}, prompt)
    return command.acknowledged()


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("reader.refund_payment", "POST", f"{ONE}/refund_payment", refund_payment,
              "terminal.reader_refund_payment",
              "amount charge metadata payment_intent refund_application_fee refund_payment_config reverse_transfer"),
]
