"""The server process of a run: gateway and emulator together, reached over HTTP only."""

import os
import queue
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.drivers.wire import Wire
from cardpresent.launch.announcement import announced
from cardpresent.launch.guard import Guard
from cardpresent.launch.process import Child


class ServerDidNotStart(RuntimeError):
    """The gateway did not come up; the message holds its own last words."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the till reaches Stripe, and where the suite does."""

    till: str
    suite: str
    door: SuiteDoor


class Server:
    """`python -m cardpresent.gateway`, started and ended by the run; `venue`: what stands behind it."""

    # The run's journal is its own: it is followed from its first entry.
    after = 0

    def __init__(
        self, journal: Path, secrets: Sequence[str], seed: int, guard: Guard, first: int = 1, *,
        venue: str = "emulator", till_key: str = "", run: str = "run",
    ) -> None:  # fmt: skip
        lines: queue.Queue[str] = queue.Queue()
        command = [sys.executable, "-m", "cardpresent.gateway", "--journal", str(journal), "--seed", str(seed),
                   "--first", str(first), "--stripe", venue, "--run", run]  # fmt: skip
        journal.parent.mkdir(parents=True, exist_ok=True)
        # Secrets travel by environment: a command line can be read by every user of the machine.
        env = {**os.environ, "CARDPRESENT_REDACT": "\n".join(secrets), "CARDPRESENT_TILL_KEY": till_key}
        self._child = Child(command, env=env, cwd=journal.parent, on_line=lines.put, guard=guard)
        if venue == "test":
            # It ends with its stdin, and needs a while then: what a killed run left in the account goes first.
            guard.forget(self._child.pid)
        try:
            self.addresses = self._first_line(lines)
        except BaseException:
            self._child.end()
            raise

    def end(self) -> None:
        self._child.end()

    def keep_journal(self, wire: Wire) -> None:
        """It writes the journal where the run wants it."""

    @property
    def alive(self) -> bool:
        """Without it nothing can be judged any more."""
        return self._child.returncode() is None

    def _first_line(self, lines: "queue.Queue[str]") -> Addresses:
        told, seen = announced(self._child, lines)
        if told is not None:
            return Addresses(till=told["till"], suite=told["suite"], door=SuiteDoor(told["suite"]))
        said = " / ".join(seen[-3:]) or "it said nothing"
        raise ServerDidNotStart(
            f"the suite's own server process did not start: {said}; run the same command again, and report it if it "
            "happens again"
        )
