"""One run at a time at a gateway that outlives its runs: what a second would arm and clean up is the first's."""

import time
from typing import Final

# A run asks all the time; one that has been silent for so long is over, whatever became of it.
SILENT_S: Final = 60.0


class Tenancy:
    """Whose gateway it is now."""

    def __init__(self) -> None:
        self._run: str | None = None
        self._heard_s = 0.0

    def heard(self) -> None:
        """The suite's door was used."""
        self._heard_s = time.monotonic()

    def begin(self, run: str) -> bool:
        """Whether `run` has the gateway to itself from now on."""
        taken = self._run is not None and self._run != run and time.monotonic() - self._heard_s < SILENT_S
        if not taken:
            self._run = run
            self.heard()
        return not taken

    def end(self, run: str) -> None:
        if self._run == run:
            self._run = None
