"""`cardpresent diff OLD NEW`: a gate between two runs, line by line."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cardpresent.certificate.comparing import Change, apart, changes
from cardpresent.certificate.load_report import is_load, load_of
from cardpresent.certificate.report import Report, ReportError, read_report
from cardpresent.certificate.wording import LOOKS, counted
from cardpresent.cli.diff_load import diff_load, percent
from cardpresent.cli.stop import Stop
from cardpresent.model.outcome import Exit, ScenarioOutcome

# How much slower a run of the same load may be by chance alone: two runs of one minute differ by a tenth.
TOLERANCE: Final = 0.2
WORDS: Final = {
    "worse": ("worse", "red"), "lost": ("no longer tested", "red"), "gone": ("line is gone", "red"),
    "better": ("better", "green"), "new": ("new line", "blue"), "other": ("other reason", "dim"),
}  # fmt: skip


@click.command()
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@click.option(
    "--tolerance", callback=percent, metavar="PERCENT",
    help=f"Of two load runs: how much p95 may grow; {TOLERANCE:.0%} unless you say otherwise.",
)
@click.option("--json", "as_json", is_flag=True, help="The same for programs, on stdout.")
def diff(old: Path, new: Path, tolerance: float | None, as_json: bool) -> None:
    """Hold the NEW run against the OLD one, requirement by requirement. Each is a run's folder or its report.json.

    No must may go from tested to not tested, or become worse, unnoticed: that ends with exit code 1. Shoulds are listed
    and do not gate. A run's own verdict is not looked at here; certify has its exit code for that.

    Two load runs are held against each other number by number: the verdict may not be worse, no goal that was held be
    missed, no fault be new, and p95 not grow by more than the tolerance.

    \b
      cardpresent diff reports/last-release reports/out/20261126T002637Z-79443695
      cardpresent diff reports/load-last-release reports/out/20261126T120400Z-1f0c6a2b --tolerance 10%

    \b
    Exit codes:
      0  no must is worse off; a load run is no worse
      1  a must is worse off: failed, no longer tested, or gone; a load run is worse
      2  usage: a report is not there, or is not one, or only one of the two is of a load run
    """
    reports = _read(old), _read(new)
    kinds = [is_load(report) for report in reports]
    if kinds[0] != kinds[1]:
        load, other = (old, new) if kinds[0] else (new, old)
        raise Stop(f"{load} is a load run and {other} a certification; compare two runs of one kind", Exit.USAGE)
    if kinds[0]:
        holds = diff_load(*reports, TOLERANCE if tolerance is None else tolerance, as_json=as_json)
        sys.exit(int(Exit.CERTIFIED if holds else Exit.REFUSED))
    if tolerance is not None:
        raise Stop("--tolerance is for two load runs, and these are certifications; leave it out", Exit.USAGE)
    found, differ = changes(*reports), apart(*reports)
    gating = [change for change in found if change.gates]
    if as_json:
        click.echo(json.dumps(_told(reports, found, differ), ensure_ascii=False, indent=1))
    else:
        _show(found, gating, differ)
    sys.exit(int(Exit.REFUSED if gating else Exit.CERTIFIED))


def _read(path: Path) -> Report:
    try:
        report = read_report(path)
    except ReportError as error:
        raise Stop(str(error), Exit.USAGE) from None
    try:
        if is_load(report):
            load_of(report)
    except ReportError as error:
        raise Stop(f"{path}: {error}", Exit.USAGE) from None
    return report


def _show(found: Sequence[Change], gating: Sequence[Change], differ: Sequence[str]) -> None:
    console = Console()
    for line in differ:
        console.print(Text(f"Note: {line}", "yellow"), soft_wrap=True)
    if found:
        console.print(_table(found) if console.is_terminal else _lines(found), soft_wrap=not console.is_terminal)
    moved = counted(len(found), "line")
    console.print(Text(
        f"{counted(len(gating), 'must')} worse off, of {moved} that ended otherwise" if found
        else "Every line ended as before",
        "bold red" if gating else "green",
    ), soft_wrap=True)  # fmt: skip


def _table(found: Sequence[Change]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Line", "Level", "Before", "Now", "", "Why"):
        table.add_column(heading, overflow="fold")
    for change in found:
        word, colour = WORDS[change.kind]
        colour = colour if change.gates or colour != "red" else "yellow"
        table.add_row(
            Text(change.id, "bold"), change.level, _name(change.old), _name(change.new), Text(word, colour),
            Text(change.reason or change.statement, "dim"),
        )  # fmt: skip
    return table


def _lines(found: Sequence[Change]) -> Text:
    """One line each and nothing coloured, for whatever reads it."""
    return Text("\n".join(
        f"{WORDS[c.kind][0]}: {c.id}, {c.level}: {_name(c.old)}, now {_name(c.new)}: {_flat(c.reason or c.statement)}"
        for c in found
    ))  # fmt: skip


def _flat(text: str) -> str:
    return " ".join(text.split())


def _name(outcome: ScenarioOutcome | None) -> str:
    return LOOKS[outcome].name.lower() if outcome else "no such line"


def _told(reports: tuple[Report, Report], found: Sequence[Change], differ: Sequence[str]) -> dict[str, Any]:
    old, new = ({key: report.get(key) for key in ("run", "date", "verdict", "venue")} for report in reports)
    return {
        "holds": not any(change.gates for change in found),
        "old": old,
        "new": new,
        "notes": list(differ),
        "changes": [
            {
                "id": c.id, "level": c.level, "kind": c.kind, "gates": c.gates, "old": c.old and c.old.value,
                "new": c.new and c.new.value, "reason": c.reason,
            }
            for c in found
        ],
    }  # fmt: skip
