"""How a run marks what it makes in a shared account, and how it is known whether that run is still going on.

The mark is one metadata key with four words: the run, the machine, when it began, and the name of a file that the run
keeps locked while it lives. So what a crashed run left on this machine is known to be nobody's any more.
"""

import fcntl
import hashlib
import os
import platform
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

KEY: Final = "cardpresent"
# Of a run on another machine nobody here can tell; but none lasts so long.
FORGOTTEN_S: Final = 24 * 3600

Whose = Literal["this run", "a run that is over", "a run that may be going on", "not ours"]


class Tag:
    """The mark of one run. Holds the lock until `close`."""

    def __init__(self, run: str) -> None:
        self._began = int(time.time())
        self._run, self._machine = run, machine()
        self._path = _lock_path(run)
        self._lock = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __str__(self) -> str:
        return f"{self._run} {self._machine} {self._began}"

    @property
    def form(self) -> bytes:
        """The mark as a parameter of a request."""
        return f"metadata[{KEY}]={quote(str(self))}".encode()

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._lock)

    def whose(self, document: dict[str, Any]) -> Whose:
        """Which run an object was made by."""
        mark = (document.get("metadata") or {}).get(KEY)
        words = mark.split(" ") if isinstance(mark, str) else []
        if len(words) != 3 or not words[2].isdecimal() or not words[0].isalnum():
            return "not ours"
        run, made_on, began = words
        if run == self._run:
            return "this run"
        over = not _is_locked(_lock_path(run)) if made_on == self._machine else time.time() - int(began) > FORGOTTEN_S
        return "a run that is over" if over else "a run that may be going on"


def machine() -> str:
    """This machine and user, as ten hex digits that give neither away.

    Whoever does not see the lock of a run must not take the run for over. So two containers of one name, or two jobs
    that keep their temporary files apart, are two machines.
    """
    seen = f"{platform.node()} {uuid.getnode()} {os.getuid()} {tempfile.gettempdir()} {_mounts()}"
    return hashlib.sha256(seen.encode()).hexdigest()[:10]


def _mounts() -> int:
    """Which file systems this process sees, on Linux: always the same number outside of containers."""
    try:
        return Path("/proc/self/ns/mnt").stat().st_ino
    except OSError:
        return 0


def _lock_path(run: str) -> Path:
    return Path(tempfile.gettempdir()) / f"cardpresent-{os.getuid()}-{run}.lock"


def _is_locked(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
