"""The processes that drive load: Locust alone, or its master and workers; started, heard, ended."""

import json
import os
import queue
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cardpresent.launch.guard import Guard
from cardpresent.launch.ports import free_port
from cardpresent.launch.process import SPOKEN, Child
from cardpresent.loadgen.brief import BRIEF

FOLDER: Final = "locust"
# Locust's own end of a run, beyond which whoever still drives is stuck.
ENDS_WITHIN_S: Final = 90.0
LAST_WORDS: Final = 6
SPARE: Final = 4


class DrivingFailed(RuntimeError):
    """Locust did not start, or ended before its time; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Where:
    """How many drive, and where. `listen`: (host, port) where workers of other machines are awaited."""

    processes: int = 1
    awaited: int = 0
    listen: tuple[str, int] | None = None

    @property
    def shares(self) -> int:
        return self.awaited or self.processes

    @property
    def users(self) -> int:
        """How many users Locust is asked for: it hands them out evenly, a stranger who has come in between among those
        who get some, and each of ours needs one. More than one in a process have nothing to do."""
        return 1 if self.alone else SPARE * self.shares

    @property
    def alone(self) -> bool:
        return self.shares == 1 and not self.awaited


@dataclass(slots=True)
class Driving:
    """What is up. `said`: what Locust's process told, as it comes; None when it has ended."""

    lead: Child
    workers: list[Child] = field(default_factory=list)
    said: "queue.Queue[Mapping[str, Any]]" = field(default_factory=queue.Queue)
    words: list[str] = field(default_factory=list)

    def hear(self, within_s: float) -> Mapping[str, Any] | None:
        """The next thing told; None where nothing came in time."""
        with suppress(queue.Empty):
            return self.said.get(timeout=within_s)
        return None

    @property
    def over(self) -> bool:
        if self.lead.returncode() is None:
            return False
        self.lead.drain()
        return self.said.empty()

    @property
    def fallen(self) -> bool:
        """Whether a worker of this machine has ended."""
        return any(child.returncode() is not None for child in self.workers)

    def stop(self) -> None:
        """Nobody else comes; who is being served is served."""
        self.lead.say("close")

    def end(self) -> None:
        for child in (self.lead, *self.workers):
            child.end()

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in (self.lead, *self.workers)]


def drive(where: Where, brief: Path, out: Path, lasts_s: float, guard: Guard) -> Driving:
    """Start Locust with the brief; its CSV and HTML go into `out`/locust."""
    # Locust stands in its own folder, from where a path of ours leads elsewhere.
    folder, brief = out.absolute() / FOLDER, brief.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    said: queue.Queue[Mapping[str, Any]] = queue.Queue()
    words: list[str] = []

    def heard(line: str) -> None:
        if line.startswith(SPOKEN):
            said.put(json.loads(line[1:]))
        else:
            words.append(line)
            del words[:-LAST_WORDS]

    env = {**os.environ, BRIEF: str(brief), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    host, port = where.listen or ("127.0.0.1", 0)
    port = port or free_port(None)
    leading: list[str] = []
    if not where.alone:
        leading = ["--master", "--master-bind-host", host, "--master-bind-port", str(port),
                   "--expect-workers", str(where.shares)]  # fmt: skip
    lead = Child(_command(lasts_s, where.users, *leading, "--csv", "load", "--html", "load.html"),
                 env=env, cwd=folder, on_line=heard, guard=guard)  # fmt: skip
    driving = Driving(lead, said=said, words=words)
    if not where.alone and not where.awaited:
        for _ in range(where.processes):
            child = Child(worker_command(host, port), env=env, cwd=folder, on_line=heard, guard=guard)
            driving.workers.append(child)
    return driving


def worker_command(host: str, port: int) -> list[str]:
    """How a worker of Locust's is started that gets its share from the lead there."""
    return [*_locust(), "--worker", "--master-host", host, "--master-port", str(port)]


def _locust() -> list[str]:
    import cardpresent.loadgen

    return [sys.executable, "-m", "locust", "-f", str(Path(cardpresent.loadgen.__file__).parent / "locustfile.py"),
            "--loglevel", "WARNING"]  # fmt: skip


def _command(lasts_s: float, users: int, *more: str) -> list[str]:
    longest = int(lasts_s + ENDS_WITHIN_S)
    return [
        *_locust(), "--headless", "--only-summary", "-u", str(users), "-r", str(users), "-t", f"{longest}s",
        "--stop-timeout", str(int(ENDS_WITHIN_S)), "--exit-code-on-error", "0", *more,
    ]  # fmt: skip
