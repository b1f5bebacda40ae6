"""forwarded_twice: an SDK forwards a stored payment a second time under another key, as one version was seen to.

Fires: when a payment stored with this reader is forwarded. Two PaymentIntents are made, and the SDK hears of one.
"""

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import declare

declare(
    "fault.forwarded_twice", "observed", "https://github.com/stripe/stripe-terminal-android/issues/747",
    "One stored payment was seen to end in several PaymentIntents with the same metadata, each with a key of its own.",
)


class ForwardedTwice(Fault):
    name = "forwarded_twice"

    def repeats_forward(self) -> bool:
        self.fire()
        return True
