"""A program at somebody's terminal: it reads and writes there itself, and is ended with all that it started."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Final

from cardpresent.launch.guard import Guard
from cardpresent.launch.interruption import WORDS, Interruption

# How long it may take to leave after a word, and after the next one.
LEAVING_S: Final = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 3.0))
# And what it left behind.
LEFT_OVER_S: Final = 3.0
LOOK_S: Final = 0.02


class Foreground:
    """Started in a process group of its own, so that one signal reaches whatever `npm start` or a shell started.

    Raises OSError where it cannot be started.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], guard: Guard) -> None:
        self._guard = guard
        marked = {**env, **guard.marked("run")}
        with Interruption.deferred():
            self._process = subprocess.Popen(list(command), env=marked, start_new_session=True)
            guard.watch(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, interruption: Interruption) -> int:
        """Until it has ended by itself, or we are interrupted and it was told to; its exit code, as a shell has it."""
        try:
            code = self._process.wait()
        except KeyboardInterrupt:
            code = self._end(interruption)
        # What it started may be left over, and must not be.
        self._end_group()
        self._guard.forget(self._process.pid)
        return code if code >= 0 else 128 - code

    def _end(self, interruption: Interruption) -> int:
        # The word that we were told, for a program may do different things at each.
        came = next((number for number, words in WORDS.items() if words == interruption.by), signal.SIGTERM)
        self._signal(came)
        for harder, patience_s in LEAVING_S:
            try:
                return self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self._signal(harder)
        return self._process.wait()

    def _end_group(self) -> None:
        deadline = time.monotonic() + LEFT_OVER_S
        there = self._signal(signal.SIGTERM)
        while there and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            there = self._signal(0)
        if there:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> bool:
        """Whether there was anybody to hear it."""
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True
