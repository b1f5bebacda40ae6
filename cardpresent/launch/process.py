"""Child processes: started, watched, ended, and never left behind."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cardpresent.launch.guard import Guard
from cardpresent.launch.interruption import Interruption

# Before a line of a child of our own that is meant for us: whatever else it prints is somebody's last words.
SPOKEN: Final = "\x1e"
ENDING_S = 3.0
DRAIN_S = 0.5
NO_LIMIT = -1


class Child:
    """One process we started. Its output is read by a thread so that it can never block on a full pipe.

    `line_chars`: where a line is cut in two that never ends.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        on_line: Callable[[str], None],
        guard: Guard,
        line_chars: int = NO_LIMIT,
    ) -> None:
        self._on_line = on_line
        self._guard = guard
        self._line_chars = line_chars
        # One that was started and not yet told of would outlive a Ctrl-C that came in between.
        with Interruption.deferred(undo=self.end):
            self._begin(command, env, cwd)

    def _begin(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
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
        self._guard.watch(self._process.pid)
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

    def finish(self, within_s: float) -> int:
        """Wait for one that ends by itself, with nothing to read; its exit code.

        What it left running goes on. Raises subprocess.TimeoutExpired, and kills it and all it started in its group,
        as for whatever else comes in between.
        """
        try:
            self._close_input()
            code = self._process.wait(within_s)
        except BaseException:
            self.kill()
            raise
        self.drain()
        self._let_go()
        return code

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
        self._close_input()
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
        self._pump.join(DRAIN_S)
        self._let_go()

    def _let_go(self) -> None:
        self._guard.forget(self._process.pid)
        self._close_input()

    def _close_input(self) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            with suppress(OSError):
                self._process.stdin.close()

    def _read(self) -> None:
        # Closed here and nowhere else: a daemon that left the group may hold the pipe for ever, and whoever closed our
        # end of it would wait for this thread, and so for the daemon.
        assert self._process.stdout is not None
        with self._process.stdout as output:
            while line := output.readline(self._line_chars):
                self._on_line(line.rstrip("\n"))
