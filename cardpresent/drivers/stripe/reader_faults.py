"""Where each fault of a reader, or of the bank behind it, can be staged: at the emulator always, elsewhere some.

At a real Stripe no reader can be told to misbehave. What is only a refusal, with no effect at Stripe, the gateway can
give in its place, and whatever anybody looks at afterwards agrees with it. Anything else would have to be made up.
"""

from typing import Final

# The fault's name -> why a real Stripe cannot be made to show it; None where the gateway stands in.
READER_FAULTS: Final[dict[str, str | None]] = {
    "reader_busy": None,
    "reader_offline": None,
    "timeout_not_sent": None,
    "approve_less": "a bank that approves only a part",
    "card_not_read": "a card that cannot be read",
    "connection_error": "a reader that loses contact in the middle of a payment",
    "flat_battery": "a reader whose battery runs down",
    "forwarded_twice": "a payment that an SDK forwards twice",
    "hardware_fault": "a reader that is broken for good",
    "listed_offline": "a reader whose status says offline though it works",
    "reader_in_other_mode": "a reader that another integration drives",
    "reader_link_lost": "a link to a reader that breaks",
    "reader_outdated": "a mobile reader that needs new software",
    "reader_updating": "a reader that installs new software",
    "slow_issuer": "a bank that takes its time",
    "stuck_action": "a reader that dies in the middle of a payment",
    "timeout_after_send": "a command that took effect and was never acknowledged",
}


def can_be_refused(fault: str) -> bool:
    """Whether the gateway can stand in for the fault."""
    return fault in READER_FAULTS and READER_FAULTS[fault] is None
