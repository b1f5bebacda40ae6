"""reader_offline: the reader has lost its network, and its power as far as Stripe can tell.

silent_s: for how many seconds it has been silent already (default 120). From 120 s of silence the reader's status is
`offline` and commands answer terminal_reader_offline; before that they time out, and never reach the reader. A card
presented meanwhile goes nowhere: the action stays in_progress until it is cancelled after the reader is back.
Fires: at each command refused, each card presented, and each time a device looks for it. Release brings the reader
back online.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.errors import StripeError, reader_offline, reader_timeout
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import GUIDE, declare

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

OFFLINE_AFTER_S = 120

declare(
    "fault.reader_offline", "documented", GUIDE,
    "Two minutes without a signal turn a reader offline; commands then answer terminal_reader_offline.",
)
declare("fault.reader_silent", "assumed", GUIDE, "Within those two minutes commands answer terminal_reader_timeout.")


class ReaderOffline(Fault):
    name = "reader_offline"
    parameters: ClassVar = {"silent_s": (int, OFFLINE_AFTER_S)}

    def armed(self) -> None:
        clock = self.account.clock
        self._since = clock.now() - self.settings["silent_s"]
        self.reader_object["last_seen_at"] = clock.now_ms() - self.settings["silent_s"] * 1000
        if self._is_offline():
            self._turn_offline()
        else:
            clock.at(self._since + OFFLINE_AFTER_S, self._turn_offline)

    @property
    def is_silent(self) -> bool:
        return self.open

    @property
    def link_is_down(self) -> bool:
        return self.is_silent

    def at_silent_link(self) -> None:
        self.fire()

    def _is_offline(self) -> bool:
        silent_s: int = self.account.clock.now() - self._since
        return silent_s >= OFFLINE_AFTER_S

    def _turn_offline(self) -> None:
        if self.open:
            self.reader_object["status"] = "offline"

    def released(self) -> None:
        self.reader_object["status"] = "online"
        self.reader_object["last_seen_at"] = self.account.clock.now_ms()

    def refuses(self, command: str) -> StripeError | None:
        error = reader_offline() if self._is_offline() else reader_timeout()
        self.fire()
        return error

    def at_tap(self, session: "CardSession") -> bool:
        session.lose_contact()
        self.fire()
        return True
