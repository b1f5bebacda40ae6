"""What a person sees while customers come: one moving line at a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from cardpresent.loadgen.measured import Measured, tail

PLAIN_EVERY_S: Final = 10.0


class LoadProgress:
    """Shows how far a load run is, on stderr."""

    def __init__(self, console: Console, lasts_s: float) -> None:
        self._console, self._lasts_s = console, lasts_s
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=18), console=console,
            transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._progress.add_task("customers are on their way", total=lasts_s)
        self._said_s = float("-inf")
        self._settling = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.stop()

    def shows(self, measured: Measured, begun_s: float | None) -> None:
        """Where the payments stand."""
        if begun_s is None or not measured.begun:
            return
        gone = min(self._lasts_s, time.monotonic() - begun_s)
        self._say(_line(measured, self._lasts_s - gone), gone)

    def settling(self, what: str, done: int, of: int) -> None:
        """What is done once everybody has gone."""
        if not self._console.is_terminal and what == self._settling:
            return
        self._settling = what
        self._said_s = float("-inf")
        self._say(what + (f": {done} of {of}" if of else ""), self._lasts_s)

    def hears(self, said: Mapping[str, Any], awaited: int) -> None:
        """Who joins a run that waits for workers from elsewhere, and who is sent away."""
        if said["what"] == "worker" and awaited:
            self.says(f"worker w{int(said['share']) + 1} of {awaited} is here")
        elif said["what"] == "stranger":
            self.says("one worker more than was asked for came, and was sent away; it drove nothing")

    def says(self, what: str) -> None:
        self._console.print(what, highlight=False, soft_wrap=True)

    def _say(self, line: str, gone: float) -> None:
        self._progress.update(self._task, description=line, completed=gone)
        if not self._console.is_terminal and time.monotonic() - self._said_s >= PLAIN_EVERY_S:
            self._said_s = time.monotonic()
            self._console.print(line, highlight=False, soft_wrap=True)


def _line(measured: Measured, left_s: float) -> str:
    p95 = tail(measured.ended)
    told = "–" if p95 is None else f"{p95:,.0f} ms"
    rate = measured.errors / len(measured.ended) if measured.ended else 0.0
    minutes, seconds = divmod(int(left_s), 60)
    return (
        f"started {measured.begun} · finished {measured.done} · unsettled {measured.begun - measured.done} · "
        f"p95 {told} · errors {rate:.1%} · {minutes}:{seconds:02d} left"
    )
