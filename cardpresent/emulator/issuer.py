"""The card's bank: what it answers to a card, an amount and a PaymentIntent's conditions.

One presentation may take several attempts: a bank that demands a PIN declines the tap softly and approves the second
attempt, which leaves two charges on one PaymentIntent.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cardpresent.emulator.cards import AMOUNT_ENDINGS, NOT_SUPPORTED, SCA_DECLINE, Card, Decline
from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_REGIONAL = "https://docs.stripe.com/terminal/payments/regional"
_CLOVER = "https://docs.stripe.com/terminal/features/extended-authorizations"

declare(
    "issuer.single_message_manual", "documented", _REGIONAL,
    "Interac cards, and cards with eftpos alone, are declined when capture_method is manual.",
)
declare(
    "issuer.single_message_capture", "documented", _REGIONAL,
    "Interac and eftpos capture at once, also under manual_preferred.",
)
declare(
    "issuer.interac_type", "assumed", _REGIONAL,
    "A card whose type the PaymentIntent does not allow is declined with card_not_supported.",
)
declare(
    "issuer.windows", "documented", _CLOVER,
    "An authorization holds 4 days 18 hours for Visa and 2 days for the others; up to 30 days when extended.",
)

DAY_S = 24 * 3600
VISA_WINDOW_S = 4 * DAY_S + 18 * 3600
WINDOW_S = 2 * DAY_S
EXTENDED_S = 30 * DAY_S
VISA_EXTENDED_S = 29 * DAY_S + 18 * 3600
_VISA_EXTENDED_CATEGORIES = frozenset({"hotels", "vehicle_rental", "cruise_lines"})
_AMEX_EXTENDED_CATEGORIES = frozenset({"hotels", "vehicle_rental"})


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What is remembered of the card behind a charge, beyond what Stripe shows."""

    card: Card


@dataclass(frozen=True, slots=True)
class Attempt:
    """One authorization request and its answer: approved when `decline` is None."""

    decline: Decline | None
    read_method: str
    cvm: str
    network: str
    capture: bool

    @property
    def asks_again(self) -> bool:
        """A soft decline: the reader itself asks for the PIN and tries once more."""
        return self.decline is not None and self.decline in SCA_DECLINE.values()


def attempts(card: Card, amount: int, pi: JsonObject, account: "Account") -> list[Attempt]:
    """The bank's answers in order; the last one is final. `amount` is the total with tip."""
    network, capture = _route(card, pi, account)
    refusal = _not_taken(card, pi, network) or card.decline
    final = refusal or AMOUNT_ENDINGS.get(amount % 100)
    answers = []
    if card.sca is not None and refusal is None:
        answers.append(Attempt(SCA_DECLINE[card.sca], "contactless_emv", "none", network, capture))
    answers.append(Attempt(final, card.read_method, card.cvm, network, capture))
    return answers


def window_s(brand: str, pi: JsonObject, account: "Account") -> int:
    """How long an authorization holds, in seconds."""
    options = (pi["payment_method_options"] or {}).get("card_present", {})
    category = account.settings.merchant_category
    if account.settings.country == "JP":
        return EXTENDED_S if brand in ("visa", "mastercard", "jcb", "diners", "discover") else 7 * DAY_S
    if options.get("request_extended_authorization"):
        if brand == "visa" and category in _VISA_EXTENDED_CATEGORIES:
            return VISA_EXTENDED_S
        if brand == "mastercard" or (brand == "amex" and category in _AMEX_EXTENDED_CATEGORIES):
            return EXTENDED_S
        if brand == "discover" and category in _VISA_EXTENDED_CATEGORIES:
            return EXTENDED_S
    return VISA_WINDOW_S if brand == "visa" else WINDOW_S


def capture_setting(pi: JsonObject) -> str:
    """manual, manual_preferred or automatic: what is in effect for cards in person."""
    options = (pi["payment_method_options"] or {}).get("card_present", {})
    chosen = options.get("capture_method") or pi["capture_method"]
    return "automatic" if chosen == "automatic_async" else str(chosen)


def _route(card: Card, pi: JsonObject, account: "Account") -> tuple[str, bool]:
    """The network a payment takes and whether it captures at once."""
    setting = capture_setting(pi)
    if card.is_interac:
        return "interac", True
    if card.is_eftpos:
        domestic_only = card.brand == "eftpos_au"
        routing = ((pi["payment_method_options"] or {}).get("card_present", {}).get("routing") or {}).get(
            "requested_priority"
        )
        domestic = domestic_only or routing == "domestic" or (routing is None and setting == "automatic")
        if account.settings.country == "AU" and domestic:
            return "eftpos_au", setting != "manual"
        return ("eftpos_au" if domestic_only else card.brand), setting == "automatic"
    return card.network or card.brand, setting == "automatic"


def _not_taken(card: Card, pi: JsonObject, network: str) -> Decline | None:
    needed = "interac_present" if card.is_interac else "card_present"
    if needed not in pi["payment_method_types"]:
        return NOT_SUPPORTED
    if network in ("interac", "eftpos_au") and capture_setting(pi) == "manual":
        return NOT_SUPPORTED
    return None
