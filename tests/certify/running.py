"""`python -m cardpresent certify` from outside: as a process, judged by its exit code, its words and its folder."""

import json
import os
import select
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAID = "An approved sale is charged once and only then shown as paid"
LIMIT_S = 60
MARK = "CARDPRESENT_TEST_MARK"


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over."""

    code: int
    stdout: str
    stderr: str
    out: Path

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.out / "report.json").read_text(encoding="utf-8")))

    @property
    def left_nothing(self) -> bool:
        """It was refused before a run was begun."""
        return not self.out.exists()

    def scenario(self, title: str) -> dict[str, Any]:
        return next(s for s in self.report["scenarios"] if s["title"] == title)

    def outcomes(self) -> dict[str, str]:
        return {s["title"]: s["outcome"] for s in self.report["scenarios"]}

    def says(self, *words: str) -> None:
        """One sentence on stderr that holds all of `words`, and no stack trace anywhere."""
        told = [line for line in self.stderr.splitlines() if line.startswith(("cardpresent: ", "Error: "))]
        assert len(told) == 1, self.stderr
        assert not [word for word in words if word not in told[0]], told[0]
        self.has_no_trace()

    def has_no_trace(self) -> None:
        assert "Traceback" not in self.stdout + self.stderr, self.stderr


@dataclass(slots=True)
class Bench:
    """Starts runs in a folder of their own, and knows which processes of theirs are alive."""

    folder: Path
    compiled: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    _open: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def certify(self, *words: str | Path, env: Mapping[str, str] | None = None, out: Path | None = None) -> Ended:
        """Run it to its end, with `--out out --seed 1` beside `words`."""
        return self.end(self.begin("certify", "--out", out or self.out, "--seed", "1", *words, env=env), out)

    def run(self, *words: str | Path, env: Mapping[str, str] | None = None) -> Ended:
        return self.end(self.begin(*words, env=env))

    def begin(self, *words: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cardpresent", *map(str, words)], cwd=self.folder, env=self._environment(env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        self._open.append(process)
        return process

    def end(self, process: subprocess.Popen[str], out: Path | None = None) -> Ended:
        stdout, stderr = process.communicate(timeout=LIMIT_S)
        return Ended(process.returncode, stdout, stderr, out or self.out)

    def _environment(self, env: Mapping[str, str] | None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PYTEST_"))}
        # Dozens of processes import the same modules: they are compiled once, and nowhere but in the tests' own folder.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**kept, "PYTHONPYCACHEPREFIX": str(self.compiled), MARK: self.mark, **(env or {})}

    def alive(self, *, but: int | None = None) -> dict[int, str]:
        """Every process that came of our runs, by pid, with its command line; read from /proc, so on Linux."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                ours = f"{MARK}={self.mark}".encode() in (place / "environ").read_bytes()
                command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if ours and command and int(place.name) != but:
                found[int(place.name)] = command
        return found

    def pid_of(self, command: str) -> int:
        return next(pid for pid, line in self.alive().items() if command in line)

    def all_gone_within(self, seconds: float) -> bool:
        """Whether every process of ours ends in that time, each waited for by its own descriptor."""
        for pid in self.alive():
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            ended, _, _ = select.select([handle], [], [], seconds)
            os.close(handle)
            if not ended:
                return False
        return not self.alive()

    def close(self) -> None:
        for process in self._open:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        for pid in self.alive():
            os.kill(pid, signal.SIGKILL)


def next_pid(pipe: Path) -> int:
    """Wait until a till announces itself there; its pid."""
    handle = os.open(pipe, os.O_RDWR)
    try:
        ready, _, _ = select.select([handle], [], [], LIMIT_S)
        assert ready, "no till came to its mishap"
        return int(os.read(handle, 16).split()[0])
    finally:
        os.close(handle)


def stands_incomplete(ended: Ended) -> None:
    """A run that was begun leaves a report: incomplete, with every scenario that was asked for."""
    report = ended.report
    assert report["verdict"] == "incomplete"
    assert report["exit_code"] == ended.code
    assert report["faults"]
    assert {s["outcome"] for s in report["scenarios"]} == {"not_run"}
    assert (ended.out / "certificate.html").exists()
