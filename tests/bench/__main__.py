"""`make bench`: the budgets of docs/ARCHITECTURE.md, measured. Writes reports/out/bench.json and prints a table.

Ratios are taken within one run and are the finding; seconds depend on the machine. Exit code 1 when a gating budget is
missed or could not be measured: the emulator's cost of a create, that of a driven payment, the default certification
and its median scenario.
With `--write` the table of the part "beside" goes into the emulator's handbook and docs/emulator.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from tests.bench import certification, driving, payments, side_by_side, starting
from tests.bench.line import Line
from tests.bench.servers import ROOT, BenchError

OUT = ROOT / "reports" / "out" / "bench.json"
PARTS: dict[str, tuple[Callable[[], Iterator[Line]], ...]] = {
    "emulator": (payments.cost_of_a_create, payments.cost_of_many_objects),
    "beside": (side_by_side.beside_others,),
    "start": (starting.cold_starts,),
    "load": (driving.cost_of_driving,),
    "certify": (certification.default_certification, certification.smoke_certification),
}
BENCHMARKS = ROOT / "cardpresent" / "emulator" / "benchmarks.md"
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
    parser.add_argument("--write", action="store_true", help="put the side-by-side table into docs/emulator.md")
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    if arguments.write and "beside" not in parts:
        parser.error('--write needs the part "beside"')
    lines, complete = measured(parts, Console(stderr=True))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    document = {line.name: line.as_json() for line in lines}
    OUT.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    Console().print(table(lines))
    if arguments.write and complete:
        _write_handbook()
    missed = any(line.gating and line.holds is False for line in lines)
    sys.exit(1 if missed or not complete else 0)


def _write_handbook() -> None:
    """The measured table becomes part of the handbook, and docs/emulator.md is made anew."""
    BENCHMARKS.write_text(side_by_side.TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "cardpresent.emulator", "--fidelity"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (ROOT / "docs" / "emulator.md").write_text(made.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()
