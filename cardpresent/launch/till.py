"""The till under test as a process: started on its own data, its Stripe traffic redirected, its death noticed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from cardpresent.actors.errors import TillGone
from cardpresent.launch.process import Child
from cardpresent.profile import Integration
from cardpresent.profile.placeholders import fill_from

# Signals that a process gets from outside; any other ending is its own doing.
FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
LAST_WORDS = 8
SETUP_S = 300


class TillDidNotStart(Exception):
    """The till could not be started or reached: what, where, and what to do."""


class LaunchedTill:
    """A till that the run starts, kills, restarts and ends. Everything it prints is kept until it is asked for."""

    def __init__(self, integration: Integration, values: Mapping[str, object], port: int) -> None:
        self._integration = integration
        self._process = integration.process
        self._values = {**values, "python": sys.executable, "port": port}
        self._lines: deque[str] = deque(maxlen=50_000)
        self._lock = threading.Lock()
        self._last: deque[str] = deque(maxlen=LAST_WORDS)
        self._child: Child | None = None
        self._ours = False
        self.deaths = 0
        self.on_restart: Callable[[], None] = lambda: None
        base = self._process.base_url
        self.base_url = fill_from(base, self._values) if base else f"http://127.0.0.1:{port}"

    def start(self) -> None:
        """Set up once and start; returns when the ready URL answers. Raises TillDidNotStart."""
        for command in self._process.setup:
            self._run_setup(command)
        self._start()

    def kill(self) -> None:
        """A power cut: no chance to tidy up."""
        if self._child:
            self._ours = True
            self._child.kill()

    def restart(self) -> None:
        """Start it again on the data it left."""
        if self._child:
            self._child.end()
        self._start()
        self.on_restart()

    def end(self) -> None:
        if self._child:
            self._ours = True
            self._child.end()
            self._child = None

    @property
    def restartable(self) -> bool:
        """Whether the run may end the till and start it again: it started it, and the file allows it."""
        return self._child is not None and self._process.restart

    def ended(self) -> TillGone | None:
        """Why the till is no more, when it ended without our doing."""
        code = self._child.returncode() if self._child else None
        if code is None or self._ours:
            return None
        by_itself = code not in FROM_OUTSIDE
        how = f"exited with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
        return TillGone(f"the till {how}{self._words()}", by_itself=by_itself)

    def log_lines(self) -> list[str]:
        """What the till printed since this was last asked."""
        with self._lock:
            lines = list(self._lines)
            self._lines.clear()
        return lines

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def _start(self) -> None:
        command = [fill_from(part, self._values) for part in self._process.command]
        if not command:
            self._await_ready(running=True)
            return
        self._ours = False
        try:
            self._child = Child(command, env=self._environment(), cwd=self._integration.cwd, on_line=self._keep)
        except OSError as error:
            raise TillDidNotStart(
                f"{self._integration.path}: process.command: cannot start {command[0]!r} in {self._integration.cwd}: "
                f"{error.strerror}; correct the command or process.cwd"
            ) from None
        self._await_ready(running=False)

    def _environment(self) -> dict[str, str]:
        """The user's environment without their Stripe keys, the till's own settings, and no way out to Stripe."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
        own = {name: fill_from(value, self._values) for name, value in self._process.env.items()}
        if self._process.port_env:
            own[self._process.port_env] = str(self._values["port"])
        # A till that ignores the redirection and honours proxies meets a port that refuses.
        refusing = "http://127.0.0.1:9"
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), refusing)
        local = dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1")
        return {**kept, **proxies, **local, "PYTHONUNBUFFERED": "1", **own}

    def _await_ready(self, *, running: bool) -> None:
        url = self.base_url + self._process.ready
        deadline = time.monotonic() + self._process.ready_within_s
        with httpx.Client(trust_env=False, timeout=2.0) as http:
            while True:
                try:
                    http.get(url)
                    return
                except httpx.HTTPError:
                    self._give_up(url, deadline, running=running)
                time.sleep(0.02)

    def _give_up(self, url: str, deadline: float, *, running: bool) -> None:
        code = self._child.returncode() if self._child else None
        where = f"{self._integration.path}: process"
        if code is not None:
            raise TillDidNotStart(f"{where}.command: the till exited with {code} before it was ready{self._words()}")
        if time.monotonic() < deadline:
            return
        if running:
            raise TillDidNotStart(f"{where}.base_url: nobody answers at {url}; start the till, or correct the address")
        self.end()
        raise TillDidNotStart(
            f"{where}.ready: no answer at {url} within {self._process.ready_within_s:g} s{self._words()}; "
            "correct process.ready or raise process.ready_within_s"
        )

    def _run_setup(self, command: tuple[str, ...]) -> None:
        filled = [fill_from(part, self._values) for part in command]
        try:
            done = subprocess.run(
                filled, cwd=self._integration.cwd, env=self._environment(), capture_output=True, text=True,
                timeout=SETUP_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TillDidNotStart(f"{self._integration.path}: process.setup: {' '.join(filled)}: {error}") from None
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
            raise TillDidNotStart(
                f"{self._integration.path}: process.setup: {' '.join(filled)} exited with {done.returncode}: {last[0]}"
            )

    def _keep(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
            self._last.append(line)

    def _words(self) -> str:
        with self._lock:
            return f"; its last words: {' / '.join(self._last)}" if self._last else ""


def free_port(wanted: int | None = None) -> int:
    """A port nobody listens at on the loopback; `wanted` if it is free. Raises TillDidNotStart when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            raise TillDidNotStart(
                f"port {wanted} is in use: end what listens there, or choose another with --port"
            ) from None
        return int(probe.getsockname()[1])


def scratch_folder(out: Path) -> Path:
    """Where the till of this run keeps its data; inside the run's own folder, so that nothing else is touched."""
    folder = out / "till"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
