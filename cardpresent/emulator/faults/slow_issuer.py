"""slow_issuer: the issuer takes its time.

hold_s: seconds of account time until it answers (default 0: only when the fault is released).
Fires: at the tap, or at the confirmation of a card that was read before; the reader is then authorizing, so commands
and cancel_action answer terminal_reader_busy and calls that change the PaymentIntent answer lock_timeout, until the
answer comes and everything goes on as without the fault.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import GUIDE, declare

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.slow_issuer", "documented", GUIDE,
    "An authorization usually takes seconds, during which the reader is busy and cannot be cancelled.",
)


class SlowIssuer(Fault):
    name = "slow_issuer"
    parameters: ClassVar = {"hold_s": (int, 0)}
    _held: "CardSession | None" = None
    _answering = False

    def at_tap(self, session: "CardSession") -> bool:
        if self._answering or session.only_reads:
            return False
        self._held = session
        if self.settings["hold_s"]:
            clock, generation = self.account.clock, self.account.generation
            clock.at(clock.now() + self.settings["hold_s"], lambda: self._answer(session, generation))
        self.fired += 1
        return True

    def _answer(self, session: "CardSession", generation: int) -> None:
        if self._held is not session or self.account.generation != generation:
            return
        self._held = None
        self._answering = True
        try:
            session.proceed()
        finally:
            self._answering = False
        if self.count is not None and self.fired >= self.count:
            self.release()

    def released(self) -> None:
        if self._held is not None:
            self._answer(self._held, self.account.generation)
