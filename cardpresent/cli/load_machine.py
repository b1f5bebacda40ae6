"""How much of the machine each part of a load run took: whether the numbers are the till's, or the harness's."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psutil

from cardpresent.drivers.wire import Wire

# The part that serves Stripe's side, in the words of the report.
STRIPES_SIDE: Final = "gateway and emulator"
LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sampled:
    """CPU seconds of each part while customers came, and for how long that was."""

    seconds: float
    used: dict[str, float]

    def told(self) -> dict[str, Any]:
        parts = [
            {"part": part, "cpu_s": round(used, 2), "share": round(used / self.seconds, 3),
             "headroom": round(self.seconds / used, 1) if used > 0 else None}
            for part, used in self.used.items()
        ]  # fmt: skip
        return {"cores": os.cpu_count() or 1, "parts": parts}


class Machine:
    """Follows the CPU time of processes from when customers begin to come until the last has gone."""

    def __init__(self, wire: Wire, till: Sequence[int], load: Sequence[int]) -> None:
        self._wire, self._till, self._load = wire, till, load
        self._before: dict[str, float] = {}
        self._now: dict[str, float] = {}
        self._begun_s = self._looked_s = 0.0

    def begin(self) -> None:
        self._before = self._now = self._look()
        self._begun_s = self._looked_s = time.monotonic()

    def follows(self) -> None:
        """Look now and then: what a process took is known only as long as it is there."""
        if self._before and time.monotonic() - self._looked_s >= LOOK_S:
            seen = self._look()
            self._now = {part: max(used, seen.get(part, 0.0)) for part, used in self._now.items()}
            self._looked_s = time.monotonic()

    def sampled(self) -> Sampled | None:
        """As of the last look; None where nobody ever came."""
        seconds = self._looked_s - self._begun_s
        if seconds <= 0:
            return None
        return Sampled(seconds, {part: self._now[part] - used for part, used in self._before.items()})

    def _look(self) -> dict[str, float]:
        used = {STRIPES_SIDE: float(self._wire.about()["cpu_s"])}
        if self._till:
            used["till"] = _cpu_s(self._till)
        return {**used, "load": _cpu_s(self._load)}


def _cpu_s(pids: Sequence[int]) -> float:
    """CPU seconds of processes and of all that they have started."""
    return sum(_of(process) for pid in pids for process in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    try:
        one = psutil.Process(pid)
        return [one, *one.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
