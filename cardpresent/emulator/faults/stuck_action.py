"""stuck_action: the reader drops off the network in the middle of a payment.

approved: whether the issuer's answer still got through to Stripe (the PaymentIntent moved) or nothing did.
Fires: at the tap; where the card is read first and confirmed afterwards, one that was approved at the confirmation. The
action stays in_progress and no reader event comes, until cancel_action.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import GUIDE, declare

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.stuck_action", "documented", GUIDE,
    "A reader that vanishes mid-payment leaves its action in_progress without a webhook until cancel_action.",
)


class StuckAction(Fault):
    name = "stuck_action"
    parameters: ClassVar = {"approved": (bool, False)}

    def at_tap(self, session: "CardSession") -> bool:
        if self.settings["approved"]:
            if session.only_reads:
                return False
            session.authorize()
        session.lose_contact()
        self.fire()
        return True
