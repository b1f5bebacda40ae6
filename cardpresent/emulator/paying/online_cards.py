"""Stripe's test cards for payments without a reader, by number, by `pm_card_…` and by `tok_…`."""

from dataclasses import dataclass
from typing import Final, Literal

from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.paying.cards import CARDS, Card, Decline

_PAGE: Final = "https://docs.stripe.com/testing"

declare(
    "online_cards.names", "documented", _PAGE,
    "Test cards are named by number, as pm_card_… or as tok_…; each use of a name makes a new PaymentMethod.",
)
declare(
    "online_cards.declines", "documented", _PAGE,
    "Eight test cards are declined when charged and when attached; one is declined only after it was attached.",
)

Effect = Literal[
    "", "dispute_fraudulent", "dispute_not_received", "dispute_inquiry", "early_fraud_warning", "blocked",
    "highest_risk", "elevated_risk", "cvc_check_fails", "postal_code_check_fails", "line1_check_fails",
    "address_checks_fail", "address_unavailable", "refund_pending", "bypass_pending", "authentication_required",
    "authentication_required_unless_set_up", "three_d_secure_required", "three_d_secure_optional",
]


@dataclass(frozen=True, slots=True)
class OnlineCard(Card):
    """A test card of Stripe's online pages.

    `effect` is what it brings beyond an answer; `declined_once_attached`: it can be attached, and is then declined.
    """

    effect: Effect = ""
    declined_once_attached: bool = False


def _of(number: str, name: str, effect: Effect = "", **facts: object) -> OnlineCard:
    return OnlineCard(number, name, str(facts.pop("brand", "visa")), effect=effect, **facts)  # type: ignore[arg-type]


_CVC: Final = Decline("incorrect_cvc", None, "Your card's security code is incorrect.")
_VELOCITY: Final = Decline(
    "card_declined", "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
_BY_BRAND: Final = "visa visa_debit mastercard mastercard_debit mastercard_prepaid amex discover diners jcb unionpay"
_DECLINED: Final = {
    "visa_chargeDeclined": "charge_declined",
    "visa_chargeDeclinedInsufficientFunds": "charge_declined_insufficient_funds",
    "visa_chargeDeclinedLostCard": "charge_declined_lost_card",
    "visa_chargeDeclinedStolenCard": "charge_declined_stolen_card",
    "chargeDeclinedExpiredCard": "charge_declined_expired_card",
    "chargeDeclinedProcessingError": "charge_declined_processing_error",
}
_ALSO_KNOWN_AS: Final = {
    "chargeDeclined": "visa_chargeDeclined",
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard": "visa_chargeDeclinedLostCard",
    "chargeDeclinedStolenCard": "visa_chargeDeclinedStolenCard",
    "visa_chargeDeclinedExpiredCard": "chargeDeclinedExpiredCard",
    "visa_chargeDeclinedIncorrectCvc": "chargeDeclinedIncorrectCvc",
    "visa_chargeDeclinedProcessingError": "chargeDeclinedProcessingError",
    "visa_chargeCustomerFail": "chargeCustomerFail",
}
_ONLINE_ONLY: Final = (
    _of("4000000000000127", "chargeDeclinedIncorrectCvc", decline=_CVC),
    _of("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded", decline=_VELOCITY),
    _of("4000000000000341", "chargeCustomerFail", declined_once_attached=True),
    _of("4000000000000259", "createDispute", "dispute_fraudulent"),
    _of("4000000000002685", "createDisputeProductNotReceived", "dispute_not_received"),
    _of("4000000000001976", "createDisputeInquiry", "dispute_inquiry"),
    _of("4000000000005423", "createIssuerFraudRecord", "early_fraud_warning"),
    _of("4100000000000019", "radarBlock", "blocked"),
    _of("4000000000004954", "riskLevelHighest", "highest_risk"),
    _of("4000000000009235", "riskLevelElevated", "elevated_risk"),
    _of("4000000000000101", "cvcCheckFail", "cvc_check_fails"),
    _of("4000000000000036", "avsZipFail", "postal_code_check_fails"),
    _of("4000000000000028", "avsLine1Fail", "line1_check_fails"),
    _of("4000000000000010", "avsFail", "address_checks_fail"),
    _of("4000000000000044", "avsUnchecked", "address_unavailable"),
    _of("4000000000007726", "pendingRefund", "refund_pending"),
    _of("4000000000005126", "refundFail", refund_fails=True),
    _of("4000000000000077", "bypassPending", "bypass_pending"),
    _of("4000003720000278", "bypassPendingInternational", "bypass_pending", country="IE"),
    _of("4000002500003155", "authenticationRequiredOnSetup", "authentication_required_unless_set_up"),
    _of("4000002760003184", "authenticationRequired", "authentication_required"),
    _of("4000000000003220", "threeDSecure2Required", "three_d_secure_required"),
    _of("4000000000003055", "threeDSecureOptional", "three_d_secure_optional"),
)


def _all_by_name() -> dict[str, OnlineCard]:
    shared = {name: name for name in _BY_BRAND.split()} | _DECLINED
    cards = {name: _as_online(name, simulated) for name, simulated in shared.items()}
    cards.update({card.name: card for card in _ONLINE_ONLY})
    return cards | {alias: cards[name] for alias, name in _ALSO_KNOWN_AS.items()}


def _as_online(name: str, simulated: str) -> OnlineCard:
    """The card a simulated reader knows by the name `simulated`, as it answers without a reader."""
    card = next(card for card in CARDS.values() if card.name == simulated)
    return _of(card.number, name, brand=card.brand, funding=card.funding, decline=card.decline)


BY_NAME: Final = _all_by_name()
BY_NUMBER: Final = {
    card.number: card
    for card in (*BY_NAME.values(), *(_as_online(name, name) for name in ("amex2", "discover2", "diners_14digits")))
}


def named(name: str, prefix: str) -> OnlineCard | None:
    """`named("pm_card_visa", "pm_card_")`: the test card of that name, or None."""
    return BY_NAME.get(name.removeprefix(prefix)) if name.startswith(prefix) else None


def is_well_formed(number: str) -> bool:
    """Whether the number's check digit is right (Luhn)."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(d if n % 2 == 0 else sum(divmod(2 * d, 10)) for n, d in enumerate(digits)) % 10 == 0
