"""Ends what a run started when the run itself is gone: killed, crashed, or cut off with its terminal.

The server ends with its stdin; a foreign till knows nothing of that, and what it started itself still less. So a small
process of its own holds the other end of a pipe. It is told which process groups live; when the pipe closes, those
that are left are ended. Run as a script it imports nothing of ours, so it is up in a few milliseconds.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_S = 3.0


class Guard:
    """The run's side of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # Out of reach of a Ctrl-C at the terminal: it has to outlive the run, if only for a moment.
            start_new_session=True,
        )  # fmt: skip

    def watch(self, group: int) -> None:
        """From now on `group` does not outlive the run."""
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        """`group` was ended: its number may belong to somebody else from now on."""
        self._say(f"-{group}")

    def end(self) -> None:
        """The run ended in good order, so that there is nothing left to guard."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(2 * GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{word}\n".encode())
            self._process.stdin.flush()
        except OSError:
            # Without its guard the run is as good as before; only a kill of the run would leave something behind.
            return


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    deadline = time.monotonic() + GRACE_S
    groups = {group for group in groups if _signal(group, signal.SIGTERM)}
    while groups and time.monotonic() < deadline:
        time.sleep(0.02)
        groups = {group for group in groups if _signal(group, 0)}
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Whether there was anybody to hear it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
