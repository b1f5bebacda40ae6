"""reader_outdated: the reader's software is overdue, and has to be updated before the reader can be used.

Fires: when a device installs the update, which ends the fault. Offline nothing can be installed.
"""

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import declare

declare(
    "fault.reader_outdated", "documented", "https://docs.stripe.com/terminal/references/testing",
    "A reader with an overdue update is updated on connecting, and cannot be connected offline.",
)


class ReaderOutdated(Fault):
    name = "reader_outdated"

    @property
    def needs_update(self) -> bool:
        return self.open
