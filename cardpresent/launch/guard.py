"""Ends what a run started when the run itself is gone: killed, crashed, or cut off with its terminal.

The server ends with its stdin; a foreign till knows nothing of that, and what it started itself still less. So a small
process of its own holds the other end of a pipe. It is told which process groups live; when the pipe closes, those
that are left are ended. Run as a script it imports nothing of ours, so it is up in a few milliseconds.

A program that makes itself a daemon leaves its group. It keeps the environment it was started with, and a mark in that
tells it, on Linux, where /proc shows it: whatever still bears the run's mark when the pipe closes is ended, too.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

GRACE_S = 3.0
LOOK_S = 0.02
# The variable that holds the mark: the run's, a full stop, and what of the run it is.
MARK = "CARDPRESENT_MARK"
PROC = Path("/proc")


class Guard:
    """The run's side of the pipe."""

    def __init__(self) -> None:
        self.mark = os.urandom(16).hex()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # Out of reach of a Ctrl-C at the terminal: it has to outlive the run, if only for a moment.
            start_new_session=True,
        )  # fmt: skip
        self._say(f"={self.mark}")

    def marked(self, part: str) -> dict[str, str]:
        """What has to stand in the environment of a foreign program, so that all it starts can be found again."""
        return {MARK: f"{self.mark}.{part}"}

    def watch(self, group: int) -> None:
        """From now on `group` does not outlive the run."""
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        """`group` was ended: its number may belong to somebody else from now on."""
        self._say(f"-{group}")

    def end(self) -> None:
        """The run ended in good order: only what left its group is left to be ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(4 * GRACE_S)
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


def end_marked(mark: str, *, at_once: bool = False) -> None:
    """End every process that bears `mark`, or one that begins with it and a full stop; insist after a while.

    `at_once`: as a power cut would.
    """
    words = (signal.SIGKILL,) if at_once else (signal.SIGTERM, signal.SIGKILL)
    for word in words:
        left = _bearing(mark)
        for number in left:
            _signal(number, word, os.kill)
        deadline = time.monotonic() + GRACE_S
        while left and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            left = _bearing(mark)


def _bearing(mark: str) -> set[int]:
    """Who bears it. One that has ended, and that nobody has asked how, bears nothing any more."""
    wanted = f"{MARK}={mark}".encode()
    found = set()
    for place in PROC.iterdir() if PROC.is_dir() else ():
        if place.name.isdigit() and int(place.name) != os.getpid():
            try:
                variables = (place / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended, or is somebody else's
            if any(one == wanted or one.startswith(wanted + b".") for one in variables):
                found.add(int(place.name))
    return found


def main() -> None:
    groups: set[int] = set()
    mark = ""
    for line in sys.stdin:
        word, told = line[0], line[1:].strip()
        if word == "=":
            mark = told
        else:
            (groups.add if word == "+" else groups.discard)(int(told))
    deadline = time.monotonic() + GRACE_S
    groups = {group for group in groups if _signal(group, signal.SIGTERM, os.killpg)}
    while groups and time.monotonic() < deadline:
        time.sleep(LOOK_S)
        groups = {group for group in groups if _signal(group, 0, os.killpg)}
    for group in groups:
        _signal(group, signal.SIGKILL, os.killpg)
    if mark:
        end_marked(mark)


def _signal(number: int, word: int, send: Callable[[int, int], None]) -> bool:
    """Whether there was anybody to hear it."""
    try:
        send(number, word)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
