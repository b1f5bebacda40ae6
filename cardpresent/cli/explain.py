"""`cardpresent explain`: one line of the register, in full."""

import click
from rich.console import Console
from rich.table import Table

from cardpresent.cli.selection import listed
from cardpresent.launch.suite import suite_root
from cardpresent.model.requirement import Register


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Say what REQUIREMENT (such as FD-26) means, where it comes from and which scenarios look at it."""
    suite = suite_root()
    register = Register.load(suite / "features" / "requirements.toml")
    name = requirement.upper()
    if name not in register:
        raise click.UsageError(f"{requirement}: no such requirement; they run from DC-01.1 and EX-01 to FD-82")
    line = register[name]
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for label, text in (
        (line.id, line.statement),
        ("level", f"{line.level}, {line.severity}"),
        ("source", f"{line.source} ({line.known})"),
        ("usual fix", line.usual_fix or "–"),
        ("untested", line.untested or "–"),
        ("scenarios", "\n".join(s.title for s in listed(suite) if name in s.tags) or "none"),
    ):
        table.add_row(label, text)
    Console().print(table)
