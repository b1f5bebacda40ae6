"""The server process of a run: gateway and emulator together, reached over HTTP only."""

import json
import os
import queue
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cardpresent.launch.process import Child

START_S = 20.0


class ServerDidNotStart(RuntimeError):
    """The gateway did not come up; the message holds its own last words."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the till reaches Stripe, and where the suite does."""

    till: str
    suite: str


class Server:
    """`python -m cardpresent.gateway`, started and ended by the run."""

    def __init__(self, journal: Path, secrets: Sequence[str], seed: int) -> None:
        lines: queue.Queue[str] = queue.Queue()
        command = [sys.executable, "-m", "cardpresent.gateway", "--journal", str(journal), "--seed", str(seed)]
        # Secrets travel by environment: a command line can be read by every user of the machine.
        env = {**os.environ, "CARDPRESENT_REDACT": "\n".join(secrets)}
        self._child = Child(command, env=env, cwd=journal.parent, on_line=lines.put)
        self.addresses = self._first_line(lines)

    def end(self) -> None:
        self._child.end()

    @property
    def alive(self) -> bool:
        return self._child.returncode() is None

    def _first_line(self, lines: "queue.Queue[str]") -> Addresses:
        seen: list[str] = []
        try:
            while True:
                line = lines.get(timeout=START_S)
                seen.append(line)
                if line.startswith("{"):
                    told = json.loads(line)
                    return Addresses(till=told["till"], suite=told["suite"])
                if self._child.returncode() is not None and lines.empty():
                    break
        except queue.Empty:
            pass
        self._child.end()
        raise ServerDidNotStart("the emulator did not start: " + (" / ".join(seen[-3:]) or "it said nothing"))
