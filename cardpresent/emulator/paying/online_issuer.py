"""The card's bank, and Stripe's own risk rules, for payments without a reader."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.paying.cards import Card, Decline, decline_of
from cardpresent.emulator.paying.online_cards import OnlineCard

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_TESTING: Final = "https://docs.stripe.com/testing"

declare(
    "online.authentication", "documented", _TESTING,
    "Some test cards want 3D Secure: on session the PaymentIntent is requires_action, off session it is declined.",
)
declare(
    "online.blocked", "documented", _TESTING,
    "Radar blocks the cards of highest risk: the charge's outcome is blocked and no bank was asked.",
)
declare(
    "online.elevated_risk", "documented", _TESTING, "The card of elevated risk is charged, and its outcome says so.",
)
declare(
    "online.risk_score", "assumed", "", "risk_score is 20 for normal, 70 for elevated and 92 for highest risk.",
)
declare(
    "online.script", "assumed", "",
    "A scripted answer counts online, too; where less would be approved, the whole is declined for want of funds.",
)

_RISKS: Final = {"elevated_risk": ("elevated", 70), "highest_risk": ("highest", 92), "blocked": ("highest", 92)}
_NEEDS_3DS: Final = frozenset({"authentication_required", "three_d_secure_required"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of one attempt: approved unless `decline` or `needs_action` is set."""

    decline: Decline | None = None
    needs_action: bool = False
    blocked: bool = False
    authenticated: bool = False
    risk_level: str = "normal"
    risk_score: int = 20


def effect_of(card: Card) -> str:
    return card.effect if isinstance(card, OnlineCard) else ""


def ask(
    account: "Account", card: Card, *, saved: bool, off_session: bool, wants_3ds: bool, authenticated: bool = False
) -> Answer:
    """`saved`: the card belongs to a customer; `wants_3ds`: the merchant asked for 3D Secure where it is possible."""
    effect = effect_of(card)
    level, score = _RISKS.get(effect, ("normal", 20))
    if effect in ("blocked", "highest_risk"):
        return Answer(decline_of("card_declined", "fraudulent"), blocked=True, risk_level=level, risk_score=score)
    if not authenticated and _wants_authentication(effect, saved, wants_3ds):
        if not off_session:
            return Answer(needs_action=True, risk_level=level, risk_score=score)
        code = "authentication_required"
        decline = Decline(code, code, "Your card was declined. This transaction requires authentication.")
        return Answer(decline, risk_level=level, risk_score=score)
    return Answer(_decline(account, card, saved), authenticated=authenticated, risk_level=level, risk_score=score)


def _wants_authentication(effect: str, saved: bool, wants_3ds: bool) -> bool:
    if effect == "authentication_required_unless_set_up":
        return not saved
    return effect in _NEEDS_3DS or (wants_3ds and effect == "three_d_secure_optional")


def _decline(account: "Account", card: Card, saved: bool) -> Decline | None:
    if account.issuer_script:
        scripted = account.issuer_script.pop(0)
        if scripted.kind == "approve_less":
            return decline_of("card_declined", "insufficient_funds")
        return scripted.decline
    if isinstance(card, OnlineCard) and card.declined_once_attached and saved:
        return decline_of("card_declined", "generic_decline")
    return card.decline
