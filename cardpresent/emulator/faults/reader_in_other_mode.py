"""reader_in_other_mode: the reader is driven by another integration (an SDK on the counter), not by this server.

Fires: at each command. What takes a card, a display or inputs answers terminal_reader_busy; cancel_action answers
invalid_request_error without a code, for what runs is not the server's to cancel. Cards presented are not for us.
"""

from typing import TYPE_CHECKING

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.base import Fault, FaultRefused
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.paying.card_session import CardSession, Outcome, Prompt, Tap

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare("fault.reader_in_other_mode", "assumed", "", "A card presented to the other integration changes nothing here.")


class _Elsewhere:
    """A payment of the other integration's: nothing of it is seen here."""

    payment_intent = None
    kinds = ("card_present", "interac_present")

    def use(self, session: CardSession, tap: Tap) -> Outcome:
        return Outcome()

    def dropped(self, cause: Cause) -> None:
        """Nobody here to tell."""


class ReaderInOtherMode(Fault):
    name = "reader_in_other_mode"

    def __init__(self, account: "Account", reader: JsonObject, id: str, count: int | None, given: JsonObject) -> None:
        super().__init__(account, reader, id, count, given)
        self._session = account.sessions[reader["id"]]
        if self._session.state != "idle":
            raise FaultRefused("another integration takes a reader only while it is idle; cancel its action first")

    def armed(self) -> None:
        self._session.start(Prompt(_Elsewhere(), False, self))

    def session_ended(self, outcome: Outcome, cause: Cause) -> None:
        """A card was presented to the other integration, which goes on with its next customer."""
        if self.open:
            self.armed()

    def released(self) -> None:
        if self._session.prompt is not None and self._session.prompt.client is self:
            self._session.stop("interrupt")
