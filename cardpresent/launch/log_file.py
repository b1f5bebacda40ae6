"""A till's log file, read as it grows."""

from pathlib import Path
from typing import Final

# What a till writes in a day of the run is far less; a file that is larger is somebody's archive.
AT_ONCE: Final = 8_000_000


class LogFile:
    """Lines written after the run began; what stood there before is somebody else's. A file that was begun anew, as
    happens when logs are rotated, is read from its start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = self._size()
        self._part = b""

    def lines(self) -> list[str]:
        """Whole lines since this was last asked, without their ends; none where there is no file yet."""
        size = self._size()
        if size < self._at:
            self._at, self._part = 0, b""
        if size == self._at:
            return []
        try:
            with self.path.open("rb") as file:
                file.seek(self._at)
                fresh = file.read(AT_ONCE)
        except OSError:
            return []
        self._at += len(fresh)
        *whole, self._part = (self._part + fresh).split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0
