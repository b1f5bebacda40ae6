"""card_not_read: the reader cannot read the card that is held to it, and asks the customer to try once more.

Fires: at each card presented to a reader that a device drives. The reader goes on asking.
"""

from typing import TYPE_CHECKING

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.card_not_read", "documented", "https://docs.stripe.com/terminal/payments/collect-card-payment",
    "A reader without a screen tells its device what to show the customer, retry_card among others.",
)


class CardNotRead(Fault):
    name = "card_not_read"

    def at_tap(self, session: "CardSession") -> bool:
        link = self.account.links.get(self.reader)
        if link is None or not link.has_session:
            return False
        session.not_read()
        link.says("retry_card")
        self.fire()
        return True
