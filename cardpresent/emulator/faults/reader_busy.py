"""reader_busy: the reader is updating, in its settings, or still holds the last card.

Fires: at each command (cancel_action included), which answers terminal_reader_busy and never reaches the reader.
"""

from cardpresent.emulator.errors import StripeError, reader_busy
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import GUIDE, declare

declare("fault.reader_busy", "documented", GUIDE, "An updating or occupied reader refuses commands as busy.")


class ReaderBusy(Fault):
    name = "reader_busy"

    def refuses(self, command: str) -> StripeError | None:
        self.fire()
        return reader_busy()
