"""timeout_after_send: a command reaches the reader and takes effect, but its acknowledgement is lost.

commands: which ones ("card": those that start taking a card, the default; "all"; or one command's name).
Fires: after each such command took effect; it answers terminal_reader_timeout all the same.
"""

from typing import ClassVar

from cardpresent.emulator.errors import StripeError, reader_timeout
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.faults.timeout_not_sent import concerns
from cardpresent.emulator.fidelity import GUIDE, declare

declare(
    "fault.timeout_after_send", "documented", GUIDE,
    "terminal_reader_timeout can be a false negative: the reader did receive the command.",
)


class TimeoutAfterSend(Fault):
    name = "timeout_after_send"
    parameters: ClassVar = {"commands": (str, "card")}

    def loses_answer(self, command: str) -> StripeError | None:
        if not concerns(self.settings["commands"], command):
            return None
        self.fire()
        return reader_timeout()
