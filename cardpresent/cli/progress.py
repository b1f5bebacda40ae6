"""What a person sees while a certification runs: one moving line at a terminal, one plain line a scenario elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from cardpresent.model.printable import printable

MARKS = {
    "passed": ("✓", "green"), "failed": ("✗", "red"), "warning": ("▲", "yellow"), "inconclusive": ("?", "yellow"),
    "harness_error": ("!", "red"), "config_error": ("!", "red"), "not_run": ("–", "dim"),
    "not_demonstrated": ("–", "yellow"), "untested": ("–", "dim"),
    "attested": ("✓", "green"), "not_applicable": ("·", "dim"),
}  # fmt: skip


class Live:
    """Shows progress on stderr; results belong on stdout."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(),
            TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task: TaskID = self._progress.add_task("starting", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The terminal is somebody else's meanwhile."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def begins(self, title: str) -> None:
        self._progress.update(self._task, description=title[:70])

    def ends(self, title: str, outcome: str, why: str | None) -> None:
        """A scenario is over. At a terminal only what is not plainly good stays on the screen."""
        self._progress.advance(self._task)
        quiet = outcome in {"passed", "not_applicable", "untested", "attested"}
        if self._console.is_terminal and quiet:
            return
        mark, colour = MARKS.get(outcome, ("?", "yellow"))
        line = Text(f"{mark} {title}", style=colour)
        if not quiet:
            line.append(f"  {outcome.replace('_', ' ')}" + (f": {printable(why)}" if why else ""), style="")
        self._console.print(line, soft_wrap=True, highlight=False)
