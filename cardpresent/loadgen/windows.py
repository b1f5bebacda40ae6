"""What goes wrong while customers come: each window of a profile opened and closed at its time."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cardpresent.actors.surroundings import Surroundings
from cardpresent.drivers.wire import WireError
from cardpresent.loadgen.profile import Window


class WindowRefused(ValueError):
    """A fault window that cannot be: which, and why."""


@dataclass(slots=True)
class Opened:
    """One window as it was: seconds from the start; the armed faults behind it, and how often they fired."""

    window: Window
    from_s: float
    to_s: float | None = None
    faults: list[str] = field(default_factory=list)
    fired: int = 0

    def told(self, lasted_s: float) -> dict[str, Any]:
        ends = lasted_s if self.to_s is None else self.to_s
        return {"fault": self.window.fault, "what": self.window.what, "from_s": round(self.from_s, 1),
                "to_s": round(ends, 1), "fired": self.fired}  # fmt: skip


class Windows:
    """Opens and closes them from a thread of its own, from `begin` on. `trouble` is what kept it from that."""

    def __init__(
        self, around: Surroundings, readers: Sequence[str], windows: Sequence[Window], duration_s: float
    ) -> None:
        self._around, self._readers, self._duration_s = around, readers, duration_s
        self._moments = sorted(
            [(w.begins * duration_s, 1, n) for n, w in enumerate(windows)]
            + [(w.ends * duration_s, 0, n) for n, w in enumerate(windows)]
        )
        self._windows = windows
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault windows", daemon=True)
        self._begun_s = 0.0
        self.opened: dict[int, Opened] = {}
        self.trouble: Exception | None = None

    def rehearse(self) -> None:
        """Open and close each once, before anybody comes: what cannot be must not come out after eight hours. Raises
        WindowRefused."""
        for number, window in enumerate(self._windows):
            try:
                self._open(number)
                self._close(number)
            except WireError as error:
                raise WindowRefused(f"windows: {window.what!r}: {error}") from None
        self.opened.clear()

    def begin(self) -> None:
        self._begun_s = time.monotonic()
        self._thread.start()

    def end(self) -> None:
        """Close whatever is open; what a fault keeps back is let go."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        for number, one in self.opened.items():
            if one.to_s is None:
                self._close(number)

    def told(self, lasted_s: float) -> list[dict[str, Any]]:
        return [self.opened[number].told(lasted_s) for number in sorted(self.opened)]

    def _run(self) -> None:
        for moment_s, opens, number in self._moments:
            if self._over.wait(max(0.0, self._begun_s + moment_s - time.monotonic())):
                return
            try:
                self._open(number) if opens else self._close(number)
            except Exception as trouble:
                self.trouble = self.trouble or trouble

    def _open(self, number: int) -> None:
        window = self._windows[number]
        opened = self.opened[number] = Opened(window, time.monotonic() - self._begun_s)
        if window.at == "reader":
            for reader in self._readers:
                opened.faults.append(self._around.emulated.arm(reader, window.fault, **window.params))
        else:
            opened.faults.append(self._around.wire.arm(window.fault, **window.params))

    def _close(self, number: int) -> None:
        one = self.opened[number]
        counts = {fault["id"]: int(fault["fired"]) for fault in self._armed(one)}
        one.fired = sum(counts.get(fault, 0) for fault in one.faults)
        for fault in one.faults:
            if one.window.at == "reader":
                if fault in counts:
                    self._around.emulated.release(fault)
            else:
                one.fired = int(self._around.wire.release(fault)["fired"])
        one.to_s = time.monotonic() - self._begun_s

    def _armed(self, one: Opened) -> Sequence[dict[str, Any]]:
        return self._around.emulated.faults() if one.window.at == "reader" else self._around.wire.faults()
