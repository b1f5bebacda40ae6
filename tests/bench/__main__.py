"""`make bench`: the budgets of docs/ARCHITECTURE.md, measured. Writes reports/out/bench.json and prints a table.

Ratios are taken within one run and are the finding; seconds depend on the machine. Exit code 1 when a gating budget is
missed or could not be measured, those being the ones a user feels: the default certification and its median scenario.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from tests.bench import certification, payments, starting
from tests.bench.line import Line
from tests.bench.servers import ROOT, BenchError

OUT = ROOT / "reports" / "out" / "bench.json"
PARTS: dict[str, tuple[Callable[[], Iterator[Line]], ...]] = {
    "emulator": (payments.cost_of_a_create, payments.cost_of_many_objects),
    "start": (starting.cold_starts,),
    "certify": (certification.default_certification, certification.smoke_certification),
}
FAILURES = (BenchError, OSError, subprocess.SubprocessError)


def measured(parts: list[str], notes: Console) -> tuple[list[Line], bool]:
    """All lines that could be measured, and whether every part could be."""
    lines: list[Line] = []
    complete = True
    for part in parts:
        for measure in PARTS[part]:
            notes.print(f"bench: {measure.__name__.replace('_', ' ')} …")
            try:
                lines += measure()
            except FAILURES as error:
                notes.print(f"bench: {measure.__name__}: {error}", style="red", markup=False)
                complete = False
    return lines, complete


def table(lines: list[Line]) -> Table:
    shown = Table("what", "measured", "budget", "holds")
    for line in lines:
        value = f"{line.value:,.4g} {line.unit}"
        budget = "" if line.budget is None else f"≤ {line.budget:g}" + (" (gating)" if line.gating else "")
        holds = {True: "yes", False: "[red]no[/red]", None: ""}[line.holds]
        shown.add_row(line.name.replace("_", " "), value, budget, holds)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=f"of: {', '.join(PARTS)}")
    parts = parser.parse_args().parts or list(PARTS)
    lines, complete = measured(parts, Console(stderr=True))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    document = {line.name: line.as_json() for line in lines}
    OUT.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    Console().print(table(lines))
    missed = any(line.gating and line.holds is False for line in lines)
    sys.exit(1 if missed or not complete else 0)


if __name__ == "__main__":
    main()
