"""hardware_fault: the reader is broken for good and has to be replaced.

Fires: at each command (cancel_action included), which answers terminal_reader_hardware_fault and never reaches it.
"""

from cardpresent.emulator.errors import StripeError, reader_hardware_fault
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import declare

declare(
    "fault.hardware_fault", "documented", "https://docs.stripe.com/error-codes#terminal-reader-hardware-fault",
    "A reader with a permanent fault answers terminal_reader_hardware_fault.",
)
declare("fault.hardware_fault_status", "assumed", "", "That answer is HTTP 400, and cancel_action gets it, too.")


class HardwareFault(Fault):
    name = "hardware_fault"

    def refuses(self, command: str) -> StripeError | None:
        self.fire()
        return reader_hardware_fault()
