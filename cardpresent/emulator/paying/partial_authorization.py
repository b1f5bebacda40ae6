"""Extension `partial_authorization`: an issuer that approves less than was asked, in person.

Stripe documents partial authorization for online cards only. Everything here is assumed and exists only on accounts
that name the extension: the PaymentIntent's amount becomes the approved part, `amount_requested` beside it keeps what
was asked, and the charge says `partial_authorization.status` partially_authorized.
"""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

NAME: Final = "partial_authorization"

declare(
    "extension.partial_authorization", "assumed", "",
    "With the extension an issuer may approve less: the PaymentIntent's amount falls to it, amount_requested keeps "
    "the rest known, and the charge's card_present.partial_authorization.status says so.",
)


def enabled(account: "Account") -> bool:
    return NAME in account.settings.extensions


def mark(pi: JsonObject, charge: JsonObject, requested: int) -> None:
    """Writes into both objects that the issuer approved the charge's amount instead of `requested`."""
    pi["amount_requested"] = requested
    details = charge["payment_method_details"]["card_present"]
    details["amount_requested"] = requested
    details["partial_authorization"] = {"status": "partially_authorized"}
