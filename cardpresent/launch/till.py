"""The till under test as a process: started on its own data, its Stripe traffic redirected, its death noticed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from cardpresent.actors.errors import TillGone
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.guard import Guard, end_marked
from cardpresent.launch.log_file import LogFile
from cardpresent.launch.process import Child
from cardpresent.launch.redirecting import Redirecting
from cardpresent.profile import Integration
from cardpresent.profile.placeholders import fill_from

# Signals that a process gets from outside, as Python tells them and as a shell between us passes them on; any other
# ending is the till's own doing.
OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
FROM_OUTSIDE = {-number: number for number in OUTSIDE} | {128 + number: number for number in OUTSIDE}
LAST_WORDS = 8
# Of what a till prints until it is asked for: lines, and letters of one and of all of them.
LINES_KEPT = 50_000
LINE_CHARS = 64 * 1024
CHARS_KEPT = 64 * 1024 * 1024
WORDS_CHARS = 400
READ_S = 1.0
READ_BYTES = 1024 * 1024
SETUP_S = 300
STDOUT = "stdout"
# What its set-up commands left running is ended with the run, and not with the till.
SETUP = "setup"


class TillDidNotStart(Exception):
    """The till could not be started or reached: what, where, and what to do.

    `by_itself`: its program was started and ended again of its own accord.
    """

    def __init__(self, sentence: str, *, by_itself: bool = False) -> None:
        super().__init__(sentence)
        self.by_itself = by_itself


class LaunchedTill:
    """A till that the run starts, kills, restarts and ends. Everything it prints is kept until it is asked for.

    What is quoted of it in an error goes through `redactor`: a till's last words may well hold its keys. `beside` are
    its further processes: they are up before it, and share its fate. `key` is where the file describes it.
    """

    def __init__(
        self, integration: Integration, values: Mapping[str, object], port: int, guard: Guard, redactor: Redactor,
        redirecting: Redirecting, beside: Sequence["LaunchedTill"] = (), key: str = "process",
    ) -> None:  # fmt: skip
        self._integration = integration
        self._process = integration.process
        self._beside = tuple(beside)
        self._key = key
        self._guard = guard
        self._redirecting = redirecting
        self._clean = redactor.clean_text
        self._values = {**values, "python": sys.executable, "port": port}
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._chars = 0
        self._lock = threading.Lock()
        self._last: deque[str] = deque(maxlen=LAST_WORDS)
        self._child: Child | None = None
        self._ours = False
        source = integration.logs.source if key == "process" else STDOUT
        self._log = LogFile(integration.cwd / fill_from(source, self._values)) if source != STDOUT else None
        self.deaths = 0
        self.on_restart: Callable[[], None] = lambda: None
        base = self._process.base_url
        self.base_url = fill_from(base, self._values) if base else f"http://127.0.0.1:{port}"

    def start(self) -> None:
        """Set up once, empty the data where the file says how, and start; returns when the ready URL answers.

        Raises TillDidNotStart.
        """
        for further in self._beside:
            further.start()
        for command in self._process.setup:
            self._run_command(command, f"{self._key}.setup")
        if self._integration.data.reset_command and self._key == "process":
            self._run_command(self._integration.data.reset_command, "data.reset_command")
        self._start()

    def kill(self) -> None:
        """A power cut: no chance to tidy up."""
        for further in self._beside:
            further.kill()
        if self._child:
            self._ours = True
            self._child.kill()
            self._end_daemons(at_once=True)

    def restart(self) -> None:
        """Start it again on the data it left. Raises TillDidNotStart."""
        if self._child:
            self._ours = True
            self._child.end()
            self._end_daemons()
        for further in self._beside:
            further.restart()
        with self._lock:
            self._last.clear()
        self._start()
        self.on_restart()

    def end(self) -> None:
        if self._child:
            self._ours = True
            self._child.end()
            self._child = None
        for further in reversed(self._beside):
            further.end()

    def _end_daemons(self, *, at_once: bool = False) -> None:
        """What it started and what left its process group: it would hold the till's port when that is started again."""
        end_marked(f"{self._guard.mark}.{self._key}", at_once=at_once)

    @property
    def restartable(self) -> bool:
        """Whether the run may end the till and start it again: it started it, and the file allows it."""
        return self._child is not None and self._process.restart

    @property
    def may_restart(self) -> bool:
        """Whether it may be started again, or waited for where somebody else runs it, once it went down."""
        return self._process.restart

    def ended(self) -> TillGone | None:
        """Why the till is no more, when it ended without our doing."""
        if not self._process.command:
            return None if self._listens() else TillGone(f"nobody listens at {self.base_url} any more", by_itself=False)
        code = self._child.returncode() if self._child else None
        if self._child is None or code is None or self._ours:
            return next(filter(None, (further.ended() for further in self._beside)), None)
        self._child.drain()
        if code in FROM_OUTSIDE:
            return TillGone(f"{self._name} was ended by {FROM_OUTSIDE[code].name} from outside", by_itself=False)
        return TillGone(f"{self._name} {_ending(code)}{self._words()}", by_itself=True)

    def _listens(self) -> bool:
        """Whether a till that somebody else runs still takes connections; it is not asked anything."""
        place = urlsplit(self.base_url)
        try:
            port = place.port or (443 if place.scheme == "https" else 80)
            socket.create_connection((place.hostname or "", port), timeout=2.0).close()
        except (OSError, ValueError):
            return False
        return True

    def log_lines(self) -> list[str]:
        """What the till logged since this was last asked: on its standard output, and in the file of `[logs]`."""
        with self._lock:
            lines = list(self._lines)
            self._lines.clear()
            self._chars = 0
        further = [line for one in self._beside for line in one.log_lines()]
        return [*lines, *(self._log.lines() if self._log else ()), *further]

    @property
    def _name(self) -> str:
        return "the till" if self._key == "process" else f"the till's [{self._key}]"

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
            self._child = Child(
                command, env=self._environment(self._key), cwd=self._integration.cwd, on_line=self._keep,
                guard=self._guard, line_chars=LINE_CHARS,
            )  # fmt: skip
        except OSError as error:
            raise TillDidNotStart(
                f"{self._integration.path}: {self._key}.command: cannot start {self._clean(command[0])!r} in "
                f"{self._integration.cwd}: {error.strerror}; correct the command or {self._key}.cwd"
            ) from None
        self._await_ready(running=False)

    def _environment(self, part: str) -> dict[str, str]:
        """The user's environment without their Stripe keys, the till's own settings, and no way out to Stripe."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
        own = {name: fill_from(value, self._values) for name, value in self._process.env.items()}
        if self._process.port_env:
            own[self._process.port_env] = str(self._values["port"])
        ports = {old: fill_from(new, self._values) for old, new in self._process.ports.items()}
        base, key = str(self._values["stripe_base"]), str(self._values["stripe_key"])
        kept |= {"PYTHONUNBUFFERED": "1", **self._guard.marked(part)}
        return self._redirecting.around(kept, own, base, key, ports)

    @property
    def groups(self) -> list[int]:
        """The process groups of the till and of its further processes."""
        return [till.pid for till in (self, *self._beside) if till.pid is not None]

    def _await_ready(self, *, running: bool) -> None:
        url = self.base_url + self._process.ready
        deadline = time.monotonic() + self._process.ready_within_s
        with httpx.Client(trust_env=False, timeout=2.0) as http:
            while True:
                try:
                    with http.stream("GET", url) as answer:
                        status = answer.status_code
                        _read_a_while(answer)
                    if status < 500:
                        return
                    found = f"status {status}"
                except httpx.HTTPError:
                    found = "no answer"
                except (httpx.InvalidURL, ValueError):
                    raise TillDidNotStart(
                        f"{self._integration.path}: {self._key}: {self._clean(url)} is no address; correct "
                        f"{self._key}.base_url, or what fills it"
                    ) from None
                self._give_up(url, found, deadline, running=running)
                time.sleep(0.02)

    def _give_up(self, url: str, found: str, deadline: float, *, running: bool) -> None:
        code = self._child.returncode() if self._child else None
        where = f"{self._integration.path}: {self._key}"
        if self._child and code is not None:
            self._child.drain()
            raise TillDidNotStart(
                f"{where}.command: {self._name} {_ending(code)} before it was ready{self._words()}; "
                "start it by hand with the same command and environment, and correct what it complains of",
                by_itself=code not in FROM_OUTSIDE,
            )
        if time.monotonic() < deadline:
            return
        if running:
            raise TillDidNotStart(
                f"{where}.base_url: {found} at {url} within {self._process.ready_within_s:g} s; "
                "start the till, or correct the address"
            )
        self.end()
        raise TillDidNotStart(
            f"{where}.ready: {found} at {url} within {self._process.ready_within_s:g} s{self._words()}; "
            f"correct {self._key}.ready or raise {self._key}.ready_within_s"
        )

    def _run_command(self, command: tuple[str, ...], key: str) -> None:
        filled = [fill_from(part, self._values) for part in command]
        where = f"{self._integration.path}: {key}: {self._clean(' '.join(filled))}"
        said: deque[str] = deque(maxlen=1)
        try:
            child = Child(
                filled, env=self._environment(SETUP), cwd=self._integration.cwd, guard=self._guard,
                on_line=lambda line: said.append(line) if line.strip() else None, line_chars=LINE_CHARS,
            )  # fmt: skip
            code = child.finish(SETUP_S)
        except OSError as error:
            raise TillDidNotStart(f"{where}: cannot be started: {error.strerror}; correct the command") from None
        except subprocess.TimeoutExpired:
            raise TillDidNotStart(f"{where}: not done after {SETUP_S} s; run it by hand to see why") from None
        if code:
            last = self._clean(said[0].strip())[:WORDS_CHARS] if said else "no output"
            raise TillDidNotStart(f"{where}: exited with {code}: {last}; correct what it complains of")

    def _keep(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
            self._last.append(line)
            self._chars += len(line)
            while self._chars > CHARS_KEPT and self._lines:
                self._chars -= len(self._lines.popleft())

    def _words(self) -> str:
        with self._lock:
            # Cut only once it is clean: half a secret is not known for one.
            words = " / ".join(self._clean(line)[:WORDS_CHARS] for line in self._last)
        return f"; its last words: {words}" if words else ""


def _read_a_while(answer: httpx.Response) -> None:
    """What is left unread looks to a till like a caller who broke off; what never ends is left all the same."""
    deadline, read = time.monotonic() + READ_S, 0
    with suppress(httpx.HTTPError):
        for part in answer.iter_raw():
            read += len(part)
            if read > READ_BYTES or time.monotonic() > deadline:
                return


def _ending(code: int) -> str:
    return f"exited with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
