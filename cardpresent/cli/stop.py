"""How a command ends that cannot go on: one sentence on stderr, and the exit code that says whose turn it is."""

from typing import IO, Any

import click

from cardpresent.model.outcome import Exit
from cardpresent.model.printable import printable


class Stop(click.ClickException):
    """An ordinary failure. The message says what, where, and what to do."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        # click declares it on the class, and reads it off the instance.
        setattr(self, "exit_code", int(code))  # noqa: B010

    def show(self, file: IO[Any] | None = None) -> None:
        # What is quoted of a till is its own; a terminal would obey it.
        click.echo(f"cardpresent: {printable(self.message)}", err=True, file=file)
