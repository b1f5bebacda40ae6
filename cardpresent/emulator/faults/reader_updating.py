"""reader_updating: the reader installs new software, which it does only while nobody is using it.

duration_s: seconds of account time it takes (default 0: until the fault is released). version: the software it has
afterwards.
Fires: at each command, which answers terminal_reader_busy and never reaches the reader. Ends with the new
device_sw_version and the reader idle.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.errors import JsonObject, StripeError, reader_busy
from cardpresent.emulator.faults.base import Fault, FaultRefused
from cardpresent.emulator.fidelity import GUIDE, declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare("fault.reader_updating", "documented", GUIDE, "A reader that installs an update refuses commands as busy.")


class ReaderUpdating(Fault):
    name = "reader_updating"
    parameters: ClassVar = {"duration_s": (int, 0), "version": (str, "2.38.0.0")}

    def __init__(self, account: "Account", reader: JsonObject, id: str, count: int | None, given: JsonObject) -> None:
        super().__init__(account, reader, id, count, given)
        if account.sessions[reader["id"]].state != "idle":
            raise FaultRefused("a reader updates only while it is idle; cancel its action first")

    def armed(self) -> None:
        if self.settings["duration_s"]:
            clock = self.account.clock
            clock.at(clock.now() + self.settings["duration_s"], self.release)

    def released(self) -> None:
        self.reader_object["device_sw_version"] = self.settings["version"]
        self.reader_object["last_seen_at"] = self.account.clock.now_ms()

    def refuses(self, command: str) -> StripeError | None:
        self.fire()
        return reader_busy()
