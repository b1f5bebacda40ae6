"""Extension `moto`: a card whose number is typed in at the reader, for orders by mail and telephone.

Stripe opens this to some accounts only, so it exists on accounts that name the extension; others do not know the
parameter. The card counts as not present: the PaymentIntent takes `card`, and the charge is like one made online.
"""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.paying import online_issuer
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Tap
from cardpresent.emulator.resources import charges, payment_intents, payment_methods
from cardpresent.emulator.wire.params import unknown

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE: Final = "https://docs.stripe.com/terminal/features/mail-telephone-orders/payments"
_OVERVIEW: Final = "https://docs.stripe.com/terminal/features/mail-telephone-orders/overview"
NAME: Final = "moto"

declare(
    "extension.moto", "documented", _GUIDE,
    "With the extension process_config[moto] takes a card typed in at the reader, for a PaymentIntent that takes card.",
)
declare("extension.moto_elsewhere", "assumed", _GUIDE, "Without the extension process_config[moto] is unknown.")
declare(
    "extension.moto_readers", "documented", _OVERVIEW,
    "Cards are typed in on WisePOS E and S700/S710, and not in Malaysia.",
)
declare("extension.moto_refusals", "assumed", _OVERVIEW, "Other readers and Malaysia answer 400; no tip is asked for.")
declare(
    "extension.moto_authentication", "assumed", _OVERVIEW,
    "Orders by mail and telephone are exempt from authentication: cards that want it are charged.",
)

READERS: Final = frozenset({"simulated_wisepos_e", "simulated_stripe_s700", "simulated_stripe_s710"})


def check(account: "Account", reader: JsonObject, pi: JsonObject, config: JsonObject) -> bool:
    """Whether the card is to be typed in. Raises where that is not to be had."""
    if "moto" not in config:
        return False
    if NAME not in account.settings.extensions:
        raise unknown("process_config[moto]")
    if not config["moto"]:
        return False
    if reader["device_type"] not in READERS or account.settings.country == "MY":
        raise invalid("Cards cannot be typed in on this reader or in this country.", param="process_config[moto]")
    if "card" not in pi["payment_method_types"]:
        message = "A card that is typed in needs a PaymentIntent that takes card."
        raise invalid(message, param="payment_intent", kept=True)
    return True


class KeyedPayment:
    """The typed-in card is charged, as if online."""

    kinds = ("card",)

    def __init__(self, account: "Account", pi: JsonObject, allow_redisplay: str | None) -> None:
        self._account, self._pi = account, pi
        self._fields: dict[str, Any] = {} if allow_redisplay is None else {"allow_redisplay": allow_redisplay}

    @property
    def payment_intent(self) -> str | None:
        id: str = self._pi["id"]
        return id

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        account, pi = self._account, self._pi
        if pi["status"] != "requires_payment_method":
            message = f"This PaymentIntent could not be paid because it has a status of {pi['status']}."
            error = invalid(message, code="payment_intent_unexpected_state").error()
            return Outcome("payment_intent_unexpected_state", message, error)
        method = payment_methods.make_card(account, tap.card, tap.typed, **self._fields)
        answer = online_issuer.ask(
            account, tap.card, saved=False, off_session=False, wants_3ds=False, authenticated=True
        )
        held = answer.decline is None and pi["capture_method"] == "manual"
        charge = charges.make_online(account, pi, tap.card, method, answer, held=held)
        if answer.decline is not None:
            error = payment_intents.card_error(pi, charge, answer.decline, method)
            payment_intents.decline(account, pi, charge, error, tap.cause)
            return Outcome(answer.decline.code, answer.decline.message, error)
        if pi["setup_future_usage"] is not None and pi["customer"] is not None:
            payment_methods.attach(account, method, pi["customer"], tap.cause)
        else:
            payment_methods.spend(account, method)
        payment_intents.authorize(account, pi, charge, None, not held, tap.cause)
        return Outcome()

    def dropped(self, cause: Cause) -> None:
        """Nothing was touched yet."""
