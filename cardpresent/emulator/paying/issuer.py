"""The card's bank: what it answers to a card, an amount and a PaymentIntent's conditions.

One presentation may take several attempts: a bank that demands a PIN declines the tap softly and approves the second
attempt, which leaves two charges on one PaymentIntent.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.paying import amounts, partial_authorization
from cardpresent.emulator.paying.cards import AMOUNT_ENDINGS, NOT_SUPPORTED, SCA_DECLINE, Card, Decline, decline_of

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
    "issuer.interac_manual_before_basil", "observed",
    "https://quilt-payment-api.readme.io/reference/interac-payments-canada",
    "A PaymentIntent made before 2025-03-31.basil takes Interac under manual capture, too, and captures it at once.",
)
declare(
    "issuer.routing", "documented", _REGIONAL,
    "A tapped co-brand of eftpos takes eftpos under automatic capture, else its other network; requested_priority "
    "overrides that, for Cartes Bancaires too.",
)
declare(
    "issuer.routing_chosen", "documented", _REGIONAL,
    "Whoever inserts a co-brand of eftpos picks the network on the reader, under automatic and manual_preferred "
    "capture, whatever priority was requested.",
)
declare(
    "issuer.routing_manual", "assumed", _REGIONAL,
    "A co-brand of eftpos sent there by requested_priority under manual capture is declined like eftpos alone.",
)
declare(
    "issuer.routing_abroad", "assumed", _REGIONAL,
    "Outside its country a co-brand of Cartes Bancaires or eftpos takes its other network.",
)
declare(
    "issuer.interac_type", "assumed", _REGIONAL,
    "A card whose type the PaymentIntent does not allow is declined with card_not_supported.",
)
declare(
    "issuer.windows", "documented", _CLOVER,
    "An authorization holds 4 days 18 hours for Visa and 2 days for the others; Visa extended holds 29 or 9 days and "
    "18 hours, by merchant category, Mastercard (all), Amex and Discover (some) 30 days.",
)
declare(
    "issuer.windows_jp", "documented", _CLOVER,
    "In Japan Visa, Mastercard, JCB, Diners and Discover hold 30 days and the others 7, unasked.",
)

declare(
    "issuer.script", "documented", "https://docs.stripe.com/declines/codes",
    "An account may be told what its next presentations are answered: every decline code Stripe lists, in order.",
)

DAY_S = 24 * 3600
VISA_WINDOW_S = 4 * DAY_S + 18 * 3600
WINDOW_S = 2 * DAY_S
EXTENDED_S = 30 * DAY_S
VISA_EXTENDED_S = 29 * DAY_S + 18 * 3600
VISA_EXTENDED_10_S = 9 * DAY_S + 18 * 3600


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What is remembered of the card behind a charge, beyond what Stripe shows."""

    card: Card


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """What the issuer says to one presentation, whatever the card and the amount would have brought.

    approve; decline with `code` and, where it has one, `decline_code`; approve_less for at most `amount` (only on
    accounts with the extension partial_authorization). `hold_s`: seconds of account time until it comes. Raises
    ValueError for an answer no issuer gives.
    """

    kind: Literal["approve", "decline", "approve_less"]
    code: str = "card_declined"
    decline_code: str | None = None
    amount: int | None = None
    hold_s: int = 0

    def __post_init__(self) -> None:
        if self.hold_s < 0:
            raise ValueError("hold_s is a whole number of seconds from 0")
        if self.kind not in ("approve", "decline", "approve_less"):
            raise ValueError(f'an issuer answers approve, decline or approve_less, not "{self.kind}"')
        if (self.kind == "approve_less") != (self.amount is not None) or (self.amount is not None and self.amount < 1):
            raise ValueError("approve_less, and it alone, names the amount that is approved, 1 or more")
        if self.kind == "decline" and self.decline is None:
            raise ValueError(f"Stripe knows no decline with code {self.code} and decline_code {self.decline_code}")

    @property
    def decline(self) -> Decline | None:
        return decline_of(self.code, self.decline_code) if self.kind == "decline" else None


def script(account: "Account", answers: list[ScriptedAnswer]) -> None:
    """The account's next presentations get these answers, after those already waiting. Raises ValueError."""
    if any(answer.kind == "approve_less" for answer in answers) and not partial_authorization.enabled(account):
        raise ValueError("approve_less needs an account with the extension partial_authorization")
    account.issuer_script.extend(answers)


def thinks_for_s(account: "Account") -> int:
    """How long the next presentation waits for its scripted answer, 0 where nothing is scripted."""
    return account.issuer_script[0].hold_s if account.issuer_script else 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One authorization request and its answer: approved when `decline` is None, for `at_most` where that is less."""

    decline: Decline | None
    read_method: str
    cvm: str
    network: str
    capture: bool
    at_most: int | None = None

    @property
    def asks_again(self) -> bool:
        """A soft decline: the reader itself asks for the PIN and tries once more."""
        return self.decline is not None and self.decline in SCA_DECLINE.values()

    def approved(self, amount: int) -> int:
        """How much of `amount` the bank approves."""
        return amount if self.at_most is None else min(amount, self.at_most)


def attempts(
    card: Card, amount: int, pi: JsonObject, account: "Account", chosen: str | None = None
) -> list[Attempt]:
    """The bank's answers in order; the last one is final. `amount` is the total with tip.

    `chosen`: the network that a customer who inserted the card picked, domestic or international.
    """
    network, capture = _route(card, pi, account, chosen)
    read_method = "contact_emv" if chosen else card.read_method
    refusal = _not_taken(card, pi, network, account)
    if refusal is not None:
        return [Attempt(refusal, read_method, card.cvm, network, capture)]
    scripted = account.issuer_script.pop(0) if account.issuer_script else None
    answers = []
    if card.sca is not None and (card.decline is None or scripted is not None):
        answers.append(Attempt(SCA_DECLINE[card.sca], "contactless_emv", "none", network, capture))
    if scripted is not None:
        final, at_most = scripted.decline, scripted.amount
    else:
        final, at_most = card.decline or AMOUNT_ENDINGS.get(amount % 100), None
    answers.append(Attempt(final, read_method, card.cvm, network, capture, at_most))
    return answers


def window_s(brand: str, pi: JsonObject, account: "Account") -> int:
    """How long an authorization holds, in seconds."""
    options = (pi["payment_method_options"] or {}).get("card_present", {})
    category = account.settings.merchant_category
    if account.settings.country == "JP":
        return EXTENDED_S if brand in ("visa", "mastercard", "jcb", "diners", "discover") else 7 * DAY_S
    if options.get("request_extended_authorization"):
        if brand == "visa" and category in (amounts.VISA_30_DAYS | amounts.VISA_10_DAYS):
            return VISA_EXTENDED_S if category in amounts.VISA_30_DAYS else VISA_EXTENDED_10_S
        if (
            brand == "mastercard" or (brand == "amex" and category in amounts.AMEX_30_DAYS)
            or (brand == "discover" and category in amounts.DISCOVER_30_DAYS)
        ):
            return EXTENDED_S
    return VISA_WINDOW_S if brand == "visa" else WINDOW_S


def capture_setting(pi: JsonObject) -> str:
    """manual, manual_preferred or automatic: what is in effect for cards in person."""
    options = (pi["payment_method_options"] or {}).get("card_present", {})
    chosen = options.get("capture_method") or pi["capture_method"]
    return "automatic" if chosen == "automatic_async" else str(chosen)


def _route(card: Card, pi: JsonObject, account: "Account", chosen: str | None) -> tuple[str, bool]:
    """The network a payment takes and whether it captures at once."""
    setting = capture_setting(pi)
    if card.is_interac:
        return "interac", True
    routing = ((pi["payment_method_options"] or {}).get("card_present", {}).get("routing") or {}).get(
        "requested_priority"
    )
    if card.network == "cartes_bancaires" and (routing == "international" or account.settings.country != "FR"):
        return card.brand, setting == "automatic"
    if card.is_eftpos:
        domestic_only = card.brand == "eftpos_au"
        routing = chosen if chosen and setting != "manual" else routing
        domestic = domestic_only or routing == "domestic" or (routing is None and setting == "automatic")
        if account.settings.country == "AU" and domestic:
            return "eftpos_au", setting != "manual"
        return ("eftpos_au" if domestic_only else card.brand), setting == "automatic"
    return card.network or card.brand, setting == "automatic"


def _not_taken(card: Card, pi: JsonObject, network: str, account: "Account") -> Decline | None:
    needed = "interac_present" if card.is_interac else "card_present"
    if needed not in pi["payment_method_types"]:
        return NOT_SUPPORTED
    if network == "interac" and pi["id"] in account.interac_before_basil:
        return None
    if network in ("interac", "eftpos_au") and capture_setting(pi) == "manual":
        return NOT_SUPPORTED
    return None
