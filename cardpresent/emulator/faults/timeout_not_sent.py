"""timeout_not_sent: a command does not reach the reader.

commands: which ones ("card": those that start taking a card, the default; "all"; or one command's name).
Fires: at each such command, which answers terminal_reader_timeout and changes nothing.
"""

from typing import ClassVar

from cardpresent.emulator.errors import StripeError, reader_timeout
from cardpresent.emulator.faults.base import CARD_COMMANDS, Fault
from cardpresent.emulator.fidelity import GUIDE, declare

declare("fault.timeout_not_sent", "documented", GUIDE, "A command that is not acknowledged in time answers a timeout.")


def concerns(commands: str, command: str) -> bool:
    return commands in ("all", command) or (commands == "card" and command in CARD_COMMANDS)


class TimeoutNotSent(Fault):
    name = "timeout_not_sent"
    parameters: ClassVar = {"commands": (str, "card")}

    def refuses(self, command: str) -> StripeError | None:
        if not concerns(self.settings["commands"], command):
            return None
        self.fire()
        return reader_timeout()
