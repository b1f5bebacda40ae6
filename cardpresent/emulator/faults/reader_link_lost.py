"""reader_link_lost: the link between a reader and the device beside it breaks, at a chosen moment.

when: now (default); collecting, as soon as the reader asks for a card for the device; tapped, when a card is held to
it; read, when the card was read and the device is about to use it; confirming, once Stripe has been asked with it.
for_s: for how many seconds of account time nothing gets through (default 0: until the fault is released).
Fires: at that moment. With a count of 1 the link is only torn, and a device that connects again gets through.
"""

from typing import TYPE_CHECKING, ClassVar

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.base import Fault, FaultRefused
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.reader_link_lost", "documented", "https://docs.stripe.com/terminal/payments/connect-reader",
    "A reader that loses its device asks for no card, and drops the one it holds.",
)

_MOMENTS = ("now", "collecting", "tapped", "read", "confirming")


class ReaderLinkLost(Fault):
    name = "reader_link_lost"
    parameters: ClassVar = {"when": (str, "now"), "for_s": (int, 0)}
    broken = False

    def _checked(self, given: JsonObject) -> JsonObject:
        settings = super()._checked(given)
        if settings["when"] not in _MOMENTS:
            raise FaultRefused(f'fault {self.name} needs "when" as one of {", ".join(_MOMENTS)}')
        return settings

    @property
    def link_is_down(self) -> bool:
        return self.broken

    def armed(self) -> None:
        self.at_link("now")

    def at_link(self, moment: str) -> None:
        if moment == self.settings["when"] and not self.broken:
            self._break()

    def at_tap(self, session: "CardSession") -> bool:
        link = self.account.links.get(self.reader)
        if self.settings["when"] != "tapped" or self.broken or link is None or not link.has_session:
            return False
        self._break()
        return True

    def _break(self) -> None:
        self.broken = True
        link = self.account.links.get(self.reader)
        if link is not None:
            link.broken()
        if self.settings["for_s"]:
            self.account.clock.at(self.account.clock.now() + self.settings["for_s"], self.release)
        self.fire()
