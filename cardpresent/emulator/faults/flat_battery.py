"""flat_battery: the reader is not plugged in, and its battery runs down.

percent: what is left when it is armed (default 5). s_per_percent: seconds of account time for each percent (default
60). At 0 the reader is off: as with reader_offline, commands time out, and after two minutes its status is `offline`.
Fires: when it goes off, and at each command refused and each card presented afterwards. Release plugs it in again.
"""

from typing import ClassVar

from cardpresent.emulator.errors import JsonObject, StripeError
from cardpresent.emulator.faults.base import FaultRefused
from cardpresent.emulator.faults.reader_offline import OFFLINE_AFTER_S, ReaderOffline
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.paying.card_session import CardSession

declare(
    "fault.flat_battery", "assumed", "https://docs.stripe.com/terminal/readers/stripe-reader-s700",
    "A reader whose battery is empty is off, and looks to Stripe like one without a network.",
)


class FlatBattery(ReaderOffline):
    name = "flat_battery"
    parameters: ClassVar = {"percent": (int, 5), "s_per_percent": (int, 60)}

    def _checked(self, given: JsonObject) -> JsonObject:
        settings = super()._checked(given)
        if not 0 <= settings["percent"] <= 100 or settings["s_per_percent"] < 1:
            raise FaultRefused("flat_battery needs percent from 0 to 100 and s_per_percent of at least 1")
        return settings

    def armed(self) -> None:
        clock = self.account.clock
        self._plugged_out = clock.now()
        self._since = self._plugged_out + self.settings["percent"] * self.settings["s_per_percent"]
        clock.at(self._since, self._go_off)

    @property
    def percent(self) -> int:
        """What is left now."""
        used: int = (self.account.clock.now() - self._plugged_out) // self.settings["s_per_percent"]
        return max(0, int(self.settings["percent"]) - used)

    @property
    def is_off(self) -> bool:
        return self.open and self.percent == 0

    @property
    def is_silent(self) -> bool:
        return self.is_off

    def _go_off(self) -> None:
        if self.open:
            self.fire()
            clock = self.account.clock
            self.reader_object["last_seen_at"] = clock.now_ms()
            clock.at(self._since + OFFLINE_AFTER_S, self._turn_offline)

    def refuses(self, command: str) -> StripeError | None:
        return super().refuses(command) if self.is_off else None

    def at_tap(self, session: CardSession) -> bool:
        return super().at_tap(session) if self.is_off else False
