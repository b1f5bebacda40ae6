"""Ports on the loopback interface, each given to one run at a time.

A port is looked for before its till is started, and a till takes a moment to listen. Meanwhile nobody else may be given
the same: two tills told of one port would leave one run asking the other's till. So a port is claimed for as long as
this process lives, on a file that all runs of a user share; and it lies below those the system hands out by itself, or
any connection on its way out could take it.
"""

import fcntl
import os
import random
import socket
import tempfile
import threading
from pathlib import Path
from typing import Final

# Below the range from which Linux and the others pick ports for connections (32768 and 49152 on).
LOWEST: Final = 20_000
HIGHEST: Final = 32_000
TRIES: Final = 500


class PortTaken(Exception):
    """Somebody listens there already."""


class _Claims:
    """Which ports this process has, told to other processes by a lock on one byte of a file for each."""

    def __init__(self) -> None:
        self._mine: set[int] = set()
        self._lock = threading.Lock()
        self._file: int | None = None
        self._owner = 0

    def claim(self, port: int) -> bool:
        """False where another run, or another part of this one, has it."""
        with self._lock:
            if self._owner != os.getpid():
                # A lock is its process's own: what was forked has none.
                self._owner, self._file, self._mine = os.getpid(), _shared(), set()
            if port in self._mine:
                return False
            if self._file is not None:
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
                except OSError:
                    return False
            self._mine.add(port)
            return True


_CLAIMS: Final = _Claims()


def free_port(wanted: int | None = None) -> int:
    """A port nobody listens at, and no other run is given while this process lives; `wanted` if it is free.

    Raises PortTaken when it is not.
    """
    if wanted is not None:
        if why := _in_use(wanted):
            fix = "end what listens there, or choose another"
            raise PortTaken(f"--port {wanted}: cannot be listened at ({why}): {fix}")
        return wanted
    # Not from the run's seed: two runs with one seed would want the same.
    chance = random.SystemRandom()
    for _ in range(TRIES):
        port = chance.randint(LOWEST, HIGHEST)
        if _in_use(port) is None and _CLAIMS.claim(port):
            return port
    raise PortTaken(f"no port from {LOWEST} to {HIGHEST} is free on this machine: end what listens there")


def _in_use(port: int) -> str | None:
    """Why a port cannot be listened at; None where it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return (error.strerror or "no reason given").lower()
    return None


def _shared() -> int | None:
    """The file of the user's runs; None where none can be had: then chance alone keeps them apart."""
    path = Path(tempfile.gettempdir()) / f"cardpresent-ports-{os.getuid()}"
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
