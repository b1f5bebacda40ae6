"""The server process of a run: gateway and emulator together, reached over HTTP only."""

import json
import os
import queue
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cardpresent.launch.guard import Guard
from cardpresent.launch.process import Child

START_S = 20.0
LOOK_S = 0.2


class ServerDidNotStart(RuntimeError):
    """The gateway did not come up; the message holds its own last words."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the till reaches Stripe, and where the suite does."""

    till: str
    suite: str


class Server:
    """`python -m cardpresent.gateway`, started and ended by the run."""

    def __init__(self, journal: Path, secrets: Sequence[str], seed: int, guard: Guard, first: int = 1) -> None:
        lines: queue.Queue[str] = queue.Queue()
        command = [sys.executable, "-m", "cardpresent.gateway", "--journal", str(journal), "--seed", str(seed),
                   "--first", str(first)]  # fmt: skip
        journal.parent.mkdir(parents=True, exist_ok=True)
        # Secrets travel by environment: a command line can be read by every user of the machine.
        env = {**os.environ, "CARDPRESENT_REDACT": "\n".join(secrets)}
        self._child = Child(command, env=env, cwd=journal.parent, on_line=lines.put, guard=guard)
        try:
            self.addresses = self._first_line(lines)
        except BaseException:
            self._child.end()
            raise

    def end(self) -> None:
        self._child.end()

    @property
    def alive(self) -> bool:
        """Without it nothing can be judged any more."""
        return self._child.returncode() is None

    def _first_line(self, lines: "queue.Queue[str]") -> Addresses:
        seen: list[str] = []
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                line = lines.get(timeout=LOOK_S)
            except queue.Empty:
                if self._child.returncode() is not None:
                    break
                continue
            seen.append(line)
            if line.startswith("{"):
                told = json.loads(line)
                return Addresses(till=told["till"], suite=told["suite"])
        said = " / ".join(seen[-3:]) or "it said nothing"
        raise ServerDidNotStart(
            f"the suite's own server process did not start: {said}; run the same command again, and report it if it "
            "happens again"
        )
