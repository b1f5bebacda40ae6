"""How two load runs are shown beside each other: numbers with their change, goals, faults."""

import json
from collections.abc import Iterator
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cardpresent.certificate.load_comparing import Comparison, Fault, GoalChange, Number, compare
from cardpresent.certificate.load_measures import shown
from cardpresent.certificate.page import printable
from cardpresent.certificate.report import Report
from cardpresent.certificate.wording import counted

MOVES: Final = {
    "missed": "missed now, held before", "undecided": "not decided now, held before", "held": "held now, not before",
    "gone": "no longer set", "new": "new", "moved": "another goal, or not decided in one of the runs",
}  # fmt: skip
LISTED: Final = 12


def percent(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """`20%` as 0.2. The sign is asked for: 0.2 might mean either."""
    if value is None:
        return None
    text = value.strip()
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not text.endswith("%") or not 0 <= number <= 1_000_000:
        raise click.BadParameter(f"{text!r} is no percentage; write it like 20%", ctx, param)
    return number / 100


def diff_load(old: Report, new: Report, tolerance: float, *, as_json: bool) -> bool:
    """Show two load runs beside each other, and give whether the new one is no worse."""
    found = compare(old, new, tolerance)
    if as_json:
        click.echo(json.dumps(_told(old, new, found), ensure_ascii=False, indent=1))
    else:
        _show(found)
    return not found.gating


def _show(found: Comparison) -> None:
    console = Console()
    for line in found.notes:
        console.print(Text(f"Note: {printable(line)}", "yellow"), soft_wrap=True)
    if console.is_terminal:
        console.print(_table(found))
    else:
        for number in found.numbers:
            told = f"{number.kind.flag}: {_number(number, number.old)}, now {_number(number, number.new)}"
            console.print(Text(f"{told} ({_change(number)})"), soft_wrap=True)
    for line, gates in [*map(_goal, found.goals), *_faults(found)]:
        console.print(Text(str(printable(line)), "red" if gates else ""), soft_wrap=True)
    before, now = found.verdicts
    console.print(Text(f"verdict: {before}, now {now}", "red" if found.verdict_worse else ""), soft_wrap=True)
    worse = found.gating
    for line in worse:
        console.print(Text(f"worse: {printable(line)}", "bold red"), soft_wrap=True)
    ended = f"{counted(len(worse), 'thing')} worse than before" if worse else "No worse than before"
    console.print(Text(ended, "bold red" if worse else "green"), soft_wrap=True)


def _table(found: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for heading in ("Before", "Now", "Change"):
        table.add_column(heading, justify="right", no_wrap=True)
    for number in found.numbers:
        colour = "bold red" if number.gates else {True: "yellow", False: "green", None: ""}[number.worse]
        table.add_row(number.kind.label, _number(number, number.old), _number(number, number.new),
                      Text(_change(number), colour))  # fmt: skip
    return table


def _number(number: Number, value: float | None) -> str:
    return shown(value, number.kind.unit)


def _change(number: Number) -> str:
    if number.change is None:
        return "cannot be compared"
    if not number.change:
        return "as before"
    sign = "+" if number.change > 0 else "−"
    return f"{sign}{shown(abs(number.change), 'share')}"


def _goal(change: GoalChange) -> tuple[str, bool]:
    asked = change.new or change.old
    assert asked is not None
    number = shown(asked.goal, change.kind.unit)
    if change.old and change.new and change.old.goal != change.new.goal:
        number = f"{shown(change.old.goal, change.kind.unit)}, now {number}"
    bound = "at least" if change.kind.least else "at most"
    return f"goal {change.kind.flag} ({bound} {number}): {MOVES[change.move]}", change.gates


def _faults(found: Comparison) -> Iterator[tuple[str, bool]]:
    ordered = sorted(found.faults, key=lambda fault: ("new", "stays", "gone").index(fault.move))
    yield from ((_fault(fault), fault.gates) for fault in ordered[:LISTED])
    if len(ordered) > LISTED:
        yield f"and {counted(len(ordered) - LISTED, 'more fault')}", False


def _fault(fault: Fault) -> str:
    if fault.move == "stays":
        return f"fault as before: {fault.line} in {counted(fault.old, 'sale')}, now {fault.new:,}: {fault.said}"
    sales = fault.new or fault.old
    return f"{fault.move} fault: {fault.line}{f' in {sales:,} sales' if sales > 1 else ''}: {fault.said}"


def _told(old: Report, new: Report, found: Comparison) -> dict[str, Any]:
    runs = [{key: report.get(key) for key in ("run", "date", "verdict", "venue")} for report in (old, new)]
    return {
        "kind": "load",
        "holds": not found.gating,
        "old": runs[0],
        "new": runs[1],
        "notes": list(found.notes),
        "worse": found.gating,
        "tolerance": found.tolerance,
        "measures": [
            {"name": n.kind.name, "old": n.old, "new": n.new, "change": n.change, "gates": n.gates}
            for n in found.numbers
        ],
        "goals": [
            {
                "name": g.kind.name, "move": g.move, "gates": g.gates,
                "old": g.old and {"goal": g.old.goal, "holds": g.old.holds},
                "new": g.new and {"goal": g.new.goal, "holds": g.new.holds},
            }
            for g in found.goals
        ],
        "faults": [
            {"requirement": f.line, "said": f.said, "old": f.old, "new": f.new, "move": f.move, "gates": f.gates}
            for f in found.faults
        ],
    }  # fmt: skip
