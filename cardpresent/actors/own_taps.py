"""A till that presents the card by itself, through Stripe's test helpers, as many samples and demonstrations do.

Nobody taps a second time there, and nobody can choose: what needs another card, or no card yet, is not demonstrated.
"""

from typing import TYPE_CHECKING, Final

from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding

if TYPE_CHECKING:
    from cardpresent.actors.stage import Stage

WHY: Final = "till.taps = till: the till presents its card by itself"
TAP: Final = "reader.present_payment_method"


def not_as_told(stage: "Stage", finding: Finding) -> str | None:
    """Why a finding says nothing: the till presented a card of which the scenario does not tell. None where it does."""
    if not stage.around.till_taps:
        return None
    mine = [sale for sale in stage.sales if sale.id == finding.sale] or stage.sales
    if all(sale.tapped for sale in mine) or not tapped(stage):
        return None
    return f"{WHY}, where the scenario has nobody present one"


def tapped(stage: "Stage") -> bool:
    """Has the till presented a card at the reader in this scenario?"""
    return tapped_in(stage.followed())


def tapped_in(journal: Journal) -> bool:
    """Whether a card that the till presented was taken by a reader."""
    replies = (journal.reply_to(request) for request in journal.till_requests(TAP))
    return any(reply is not None and reply.data.get("committed") for reply in replies)
