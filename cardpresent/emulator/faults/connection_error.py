"""connection_error: the reader loses Stripe while the payment is being authorized.

approved: whether the authorization went through all the same (the PaymentIntent moved) or never arrived.
Fires: at the tap; where the card is read first and confirmed afterwards, one that was approved at the confirmation. The
action fails with failure_code connection_error either way.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import GUIDE, declare
from cardpresent.emulator.paying.card_session import Outcome

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.connection_error", "documented", GUIDE,
    "connection_error fails the action while the authorization may have succeeded.",
)


class ConnectionError_(Fault):
    name = "connection_error"
    parameters: ClassVar = {"approved": (bool, False)}

    def at_tap(self, session: "CardSession") -> bool:
        if self.settings["approved"]:
            if session.only_reads:
                return False
            session.authorize()
        session.end(Outcome("connection_error", "Could not connect to Stripe. Please retry."))
        self.fire()
        return True
