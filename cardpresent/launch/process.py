"""Child processes: started, watched, ended, and never left behind."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cardpresent.launch.guard import Guard

ENDING_S = 3.0
DRAIN_S = 0.5


class Child:
    """One process we started. Its output is read by a thread so that it can never block on a full pipe."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        on_line: Callable[[str], None],
        guard: Guard,
    ) -> None:
        self._on_line = on_line
        self._guard = guard
        self._process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        guard.watch(self._process.pid)
        self._pump = threading.Thread(target=self._read, name=f"log of {command[0]}", daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def returncode(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def drain(self) -> None:
        """After its end: wait a moment for what it wrote last. What it started itself may hold the pipe open longer."""
        self._pump.join(DRAIN_S)

    def say(self, line: str) -> None:
        """Write one line to its input. One that has ended hears nothing; `returncode` says so."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it as a power cut would, its children too, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        self._reap()

    def end(self) -> None:
        """Ask it to stop, by closing its input and SIGTERM; after a while insist."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        self._reap()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _reap(self) -> None:
        self._process.wait(ENDING_S)
        # A grandchild may still hold the pipe: the group is gone with the process, so insist before joining.
        self._signal(signal.SIGKILL)
        self._guard.forget(self._process.pid)
        self._pump.join(ENDING_S)
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._on_line(line.rstrip("\n"))
