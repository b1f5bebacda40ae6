"""reader_outdated: new software waits for a mobile reader.

required: whether the reader works without it (default true: it has to be updated before a device can use it; offline,
where nothing can be installed, it cannot be connected). duration_s: how many seconds of account time it takes to
install (default 0: no time at all). version: the software it has afterwards.
Fires: when a device has installed the update, which ends the fault.
"""

from typing import ClassVar

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.fidelity import declare

declare(
    "fault.reader_outdated", "documented", "https://docs.stripe.com/terminal/references/testing",
    "A reader with an overdue update is updated on connecting, and cannot be connected offline; an optional one waits.",
)


class ReaderOutdated(Fault):
    name = "reader_outdated"
    parameters: ClassVar = {"required": (bool, True), "duration_s": (int, 0), "version": (str, "2.01.00.20")}
    _since: int | None = None

    @property
    def update(self) -> JsonObject | None:
        """What a device is told: version, required, duration_s, and progress from 0 to 1 (None: not begun)."""
        if not self.open:
            return None
        told = {name: self.settings[name] for name in ("version", "required", "duration_s")}
        return {**told, "progress": self._progress()}

    def begin_update(self) -> None:
        if self._since is None:
            self._since = self.account.clock.now()

    def cancel_update(self) -> None:
        self._since = None

    def finish_update(self) -> bool:
        """Ends the update if it is through; whether it was."""
        if self._progress() != 1.0:
            return False
        self.reader_object["device_sw_version"] = self.settings["version"]
        self.fire()
        self.release()
        return True

    def _progress(self) -> float | None:
        if self._since is None:
            return None
        passed: int = self.account.clock.now() - self._since
        return min(1.0, passed / self.settings["duration_s"]) if self.settings["duration_s"] else 1.0
