"""listed_offline: the reader's `status` says offline, and the reader takes commands as ever.

Fires: when it is armed, for whoever reads the status is misled from then on. Release lists it as online again.
"""

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import API, declare

declare(
    "fault.listed_offline", "documented", f"{API}/terminal/readers/object#terminal_reader_object-status",
    "The status of a reader may be stale, and is not to be relied on before a payment: commands may work all the same.",
)


class ListedOffline(Fault):
    name = "listed_offline"

    def armed(self) -> None:
        self.reader_object["status"] = "offline"
        self.fired += 1

    def released(self) -> None:
        self.reader_object["status"] = "online"
