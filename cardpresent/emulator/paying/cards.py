"""Stripe's simulated test cards and the endings of amounts that decide an outcome."""

from dataclasses import dataclass
from typing import Final, Literal

from cardpresent.emulator.fidelity import TESTING, declare

declare(
    "cards.success", "documented", TESTING,
    "Twenty simulated cards of all brands are approved; each carries its brand, network and funding.",
)
declare("cards.declines", "documented", TESTING, "Six simulated cards are declined, each with its own code.")
declare(
    "cards.decline_codes", "observed", "https://github.com/stripe/stripe-terminal-ios/issues/150",
    "decline_code is present only with code card_declined: expired_card and processing_error have none.",
)
declare(
    "cards.pin", "documented", TESTING,
    "The PIN cards verify by offline_pin or online_pin; their SCA kind is softly declined first: two charges.",
)
declare(
    "cards.refund_fail", "documented", TESTING,
    "A refund of 4000000000005126 succeeds and later fails with expired_or_canceled_card.",
)
declare(
    "amounts.endings", "documented", TESTING,
    "The last two digits of the amount with tip decide: 00 is approved, and 01 05 55 65 75 are declined.",
)
declare("amounts.endings_elsewhere", "assumed", TESTING, "Other endings, of which nothing is said, are approved.")
declare(
    "amounts.endings_pin", "observed", "https://github.com/BreX900/mek-packages/issues/35",
    "On simulated readers 03 is declined with online_or_offline_pin_required as code and decline_code.",
)
declare(
    "amounts.endings_offline_pin", "assumed", TESTING,
    "02 is declined like it, with offline_pin_required; no PIN is entered, which takes a physical card and reader.",
)

DEFAULT_CARD: Final = "4242424242424242"
DEFAULT_INTERAC: Final = "4506445006931933"

Sca = Literal["offline_pin_required", "online_or_offline_pin_required"]


@dataclass(frozen=True, slots=True)
class Decline:
    """How an issuer says no: Stripe's code, its decline_code where it has one, and the words for people."""

    code: str
    decline_code: str | None
    message: str

    @property
    def advice(self) -> str | None:
        """advice_code: what the merchant had better do; None where the reader itself goes on."""
        reason = self.decline_code or self.code
        if reason in _CONFIRM_DATA:
            return "confirm_card_data"
        if reason in SCA_DECLINE:
            return None
        return "do_not_try_again" if reason in _NEVER_AGAIN else "try_again_later"

    @property
    def param(self) -> str | None:
        """The part of the card data that is wrong, where one is."""
        return {"expired_card": "exp_month", "incorrect_cvc": "cvc", "incorrect_number": "number"}.get(self.code)


@dataclass(frozen=True, slots=True)
class Card:
    """A simulated card. `network` is the domestic one where a co-brand has one; `sca` the first answer to a tap."""

    number: str
    name: str
    brand: str
    funding: str = "credit"
    network: str = ""
    cvm: str = "approval"
    read_method: str = "contactless_emv"
    decline: Decline | None = None
    sca: Sca | None = None
    refund_fails: bool = False
    country: str = "US"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def is_interac(self) -> bool:
        return self.network == "interac"

    @property
    def is_eftpos(self) -> bool:
        return self.network == "eftpos_au"


# every decline_code an issuer may give
_DECLINE_CODES: Final = (
    "authentication_required approve_with_id call_issuer card_not_supported card_velocity_exceeded "
    "currency_not_supported do_not_honor do_not_try_again duplicate_transaction fraudulent generic_decline "
    "incorrect_cvc incorrect_number incorrect_pin incorrect_zip insufficient_funds invalid_account invalid_amount "
    "invalid_cvc invalid_expiry_month invalid_expiry_year invalid_number invalid_pin issuer_not_available lost_card "
    "merchant_blacklist new_account_information_available no_action_taken not_permitted offline_pin_required "
    "online_or_offline_pin_required pickup_card pin_try_exceeded processing_error reenter_transaction restricted_card "
    "revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed stolen_card "
    "stop_payment_order testmode_decline transaction_not_allowed try_again_later withdrawal_count_limit_exceeded"
)
DECLINE_CODES: Final = frozenset(_DECLINE_CODES.split())
_CONFIRM_DATA: Final = frozenset({
    "expired_card", "incorrect_cvc", "incorrect_number", "incorrect_zip", "invalid_cvc", "invalid_expiry_month",
    "invalid_expiry_year", "invalid_number",
})
_NEVER_AGAIN: Final = frozenset({
    "card_not_supported", "currency_not_supported", "do_not_try_again", "fraudulent", "invalid_account", "lost_card",
    "merchant_blacklist", "pickup_card", "restricted_card", "revocation_of_all_authorizations",
    "revocation_of_authorization", "stolen_card", "stop_payment_order", "transaction_not_allowed",
})
_WORDS_OF: Final = {
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "call_issuer": "Your card was declined. You can call your bank for details.",
    "card_not_supported": "Your card does not support this purchase.",
    "duplicate_transaction": "A transaction with identical amount and card was made a moment ago.",
    "incorrect_pin": "Your card's PIN is incorrect.",
    "insufficient_funds": "Your card has insufficient funds.",
    "pin_try_exceeded": "The allowable number of PIN tries was exceeded.",
    "withdrawal_count_limit_exceeded": "You have exceeded the balance or credit limit on your card.",
}


def _declined(decline_code: str = "generic_decline") -> Decline:
    return Decline("card_declined", decline_code, _WORDS_OF.get(decline_code, "Your card was declined."))


SCA_DECLINE: Final = {
    code: Decline(code, code, "Your card was declined as it requires a PIN.")
    for code in ("offline_pin_required", "online_or_offline_pin_required")
}
_EXPIRED: Final = Decline("expired_card", None, "Your card has expired.")
_PROCESSING: Final = Decline(
    "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
)
# declines that have a code of their own: these never read card_declined, and only the PIN ones have a decline_code
_OWN_CODES: Final = {
    "expired_card": _EXPIRED,
    "processing_error": _PROCESSING,
    "incorrect_cvc": Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
    "incorrect_number": Decline("incorrect_number", None, "Your card number is incorrect."),
    "card_decline_rate_limit_exceeded": Decline(
        "card_decline_rate_limit_exceeded", None,
        "This card was declined too often. It may be tried again after 24 hours.",
    ),
    **SCA_DECLINE,
}


def decline_of(code: str, decline_code: str | None = None) -> Decline | None:
    """The decline with these codes, as Stripe words it; None where Stripe has no such pair."""
    if code == "card_declined":
        reason = decline_code or "generic_decline"
        return _declined(reason) if reason in DECLINE_CODES else None
    found = _OWN_CODES.get(code)
    return found if found is not None and decline_code in (None, found.decline_code) else None


_ALL: Final = (
    Card("4242424242424242", "visa", "visa"),
    Card("4000056655665556", "visa_debit", "visa", "debit"),
    Card("5555555555554444", "mastercard", "mastercard"),
    Card("5200828282828210", "mastercard_debit", "mastercard", "debit"),
    Card("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid"),
    Card("378282246310005", "amex", "amex"),
    Card("371449635398431", "amex2", "amex"),
    Card("6011111111111117", "discover", "discover"),
    Card("6011000990139424", "discover2", "discover"),
    Card("3056930009020004", "diners", "diners"),
    Card("36227206271667", "diners_14digits", "diners"),
    Card("3566002020360505", "jcb", "jcb"),
    Card("6200000000000005", "unionpay", "unionpay"),
    Card("4506445006931933", "interac", "visa", "debit", "interac", "offline_pin", "contact_emv", country="CA"),
    Card("6280000360000978", "eftpos_au_debit", "eftpos_au", "debit", "eftpos_au", country="AU"),
    Card("4000050360000001", "eftpos_au_visa_debit", "visa", "debit", "eftpos_au", country="AU"),
    Card("5555050360000080", "eftpos_au_mastercard_debit", "mastercard", "debit", "eftpos_au", country="AU"),
    Card("4000002500001001", "cartes_bancaires_visa_debit", "visa", "debit", "cartes_bancaires", country="FR"),
    Card("5555552500001001", "cartes_bancaires_mastercard_debit", "mastercard", "debit", "cartes_bancaires",
         country="FR"),
    Card("4711009900000316877", "girocard_debit", "visa", "debit", "girocard", country="DE"),
    Card("4001007020000002", "offline_pin_cvm", "visa", cvm="offline_pin", read_method="contact_emv"),
    Card("4000008260000075", "offline_pin_sca_retry", "visa", cvm="offline_pin", read_method="contact_emv",
         sca="offline_pin_required", country="GB"),
    Card("4001000360000005", "online_pin_cvm", "visa", cvm="online_pin"),
    Card("4000002760000008", "online_pin_sca_retry", "visa", cvm="online_pin", sca="online_or_offline_pin_required",
         country="DE"),
    Card("4000000000000002", "charge_declined", "visa", decline=_declined()),
    Card("4000000000009995", "charge_declined_insufficient_funds", "visa",
         decline=_declined("insufficient_funds")),
    Card("4000000000009987", "charge_declined_lost_card", "visa", decline=_declined("lost_card")),
    Card("4000000000009979", "charge_declined_stolen_card", "visa", decline=_declined("stolen_card")),
    Card("4000000000000069", "charge_declined_expired_card", "visa", decline=_EXPIRED),
    Card("4000000000000119", "charge_declined_processing_error", "visa", decline=_PROCESSING),
    Card("4000000000005126", "refund_fail", "visa", refund_fails=True),
)
CARDS: Final = {card.number: card for card in _ALL}

AMOUNT_ENDINGS: Final = {
    1: _declined("call_issuer"),
    2: SCA_DECLINE["offline_pin_required"],
    3: SCA_DECLINE["online_or_offline_pin_required"],
    5: _declined(),
    55: _declined("incorrect_pin"),
    65: _declined("withdrawal_count_limit_exceeded"),
    75: _declined("pin_try_exceeded"),
}
NOT_SUPPORTED: Final = _declined("card_not_supported")

# brand -> application identifier and the application's name as chips carry them
APPLICATIONS: Final = {
    "visa": ("A0000000031010", "Visa Credit"), "mastercard": ("A0000000041010", "Mastercard"),
    "amex": ("A00000002501", "American Express"), "discover": ("A0000001523010", "Discover"),
    "diners": ("A0000001523010", "Diners Club"), "jcb": ("A0000000651010", "JCB"),
    "unionpay": ("A000000333010101", "UnionPay"), "interac": ("A0000002771010", "Interac"),
    "eftpos_au": ("A00000038410", "eftpos"), "cartes_bancaires": ("A0000000421010", "CB"),
    "girocard": ("A0000003591010028001", "girocard"),
}
