"""`cardpresent explain`: one line of the register, in full."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cardpresent.cli.selection import listed
from cardpresent.launch.suite import suite_root
from cardpresent.model.requirement import Register
from cardpresent.prove.defect import all_in


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Say what REQUIREMENT (such as FD-26) means, where it comes from and which scenarios look at it.

    The defects named are seeded in the reference POS: `cardpresent prove` shows that each turns the line red.
    """
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
        ("proven by", "\n".join(_proofs(suite / "fixtures", name)) or "–"),
    ):
        table.add_row(label, text)
    Console().print(table)


def _proofs(fixtures: Path, requirement: str) -> Iterator[str]:
    """The seeded defects that turn the line red."""
    for one in all_in(fixtures):
        if one.header.expected and one.header.expected.requirement == requirement:
            yield f"{one.id} {one.header.title} (by {one.header.expected.check})"
