"""`cardpresent prove`: the suite refuses what it must refuse, for the reason foretold, and nothing else."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cardpresent.certificate.report import write_whole
from cardpresent.cli.selection import listed
from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit
from cardpresent.prove.defect import DefectError, Seeded, all_in
from cardpresent.prove.graft import must_fit
from cardpresent.prove.trial import Stock, stands, tried

MATRIX = "kill-matrix.json"


@click.command()
@click.option("--only", multiple=True, metavar="ID", help="Only this defect or variant (M-05); repeatable.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports/out"),
    show_default=True,
    help="Folder for kill-matrix.json.",
)
@click.option(
    "--defects",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another folder with defects/ and benign/; the suite's own if left out.",
)
@click.option("--jobs", type=click.IntRange(1, 8), default=2, show_default=True, help="Tills tried at the same time.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The seed of every certification.")
def prove(only: tuple[str, ...], out: Path, defects: Path | None, jobs: int, seed: int) -> None:  # fmt: skip
    """Show that the suite refuses every seeded defect, for the reason foretold, and no harmless variant.

    \b
    Exit codes: 0 every defect killed and no variant refused · 1 otherwise · 2 usage · 3 configuration.
    """
    suite = suite_root()
    pos = Path(__file__).resolve().parent.parent / "reference_pos"
    integration = suite / "fixtures" / "integrations" / "reference_pos.toml"
    try:
        refuse_live_keys()
        seeded = _wanted(all_in(defects or suite / "fixtures"), only)
        for one in seeded:
            must_fit(one, pos, integration)
    except LiveKeyRefused as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    except DefectError as error:
        raise Stop(str(error), Exit.USAGE) from None
    stock = Stock(
        pos=pos,
        integration=integration,
        smoke=tuple(s.id for s in listed(suite) if "smoke" in s.tags),
        seed=seed,
    )
    begun = time.perf_counter()
    rows = _try_all(seeded, stock, jobs, Console(stderr=True))
    matrix = {"rows": rows, "wall_s": round(time.perf_counter() - begun, 1), "seed": seed}
    write_whole(out / MATRIX, json.dumps(matrix, indent=1) + "\n")
    Console().print(_table(rows))
    sys.exit(0 if all(stands(row) for row in rows) else 1)


def _wanted(seeded: list[Seeded], only: tuple[str, ...]) -> list[Seeded]:
    known = {s.id for s in seeded}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise DefectError(f"--only {unknown[0]}: no such defect or variant; known: {', '.join(sorted(known))}")
    return [s for s in seeded if not only or s.id in only]


def _try_all(seeded: list[Seeded], stock: Stock, jobs: int, console: Console) -> list[dict[str, Any]]:
    # The long ones, whole certifications of the harmless variants, begin first.
    order = sorted(seeded, key=lambda s: s.kind != "benign")
    rows: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(jobs) as hands:
        work = {hands.submit(tried, one, stock): one for one in order}
        try:
            for done in as_completed(work):
                one, row = work[done], done.result()
                rows[one.id] = row
                said = f"{len(rows)}/{len(seeded)} {one.id} {_said(row)}: {one.header.title}"
                console.print(said, highlight=False, soft_wrap=True)
        except BaseException:
            hands.shutdown(wait=False, cancel_futures=True)
            raise
    return [rows[s.id] for s in seeded]


def _said(row: dict[str, Any]) -> str:
    if row["kind"] == "benign":
        return "certified" if row["certified"] else f"REFUSED ({row['problem'] or row['verdict']})"
    return "killed" if row["killed"] else f"NOT KILLED ({row['problem'] or row['verdict']})"


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("Till", "Class", "Foretold", "Observed", "", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        expected = row["expected"]
        told = f"{expected['requirement']} {expected['check']}" if expected else "certified"
        seen = ", ".join(dict.fromkeys(f"{f['requirement']} {f['check']}" for f in row["observed"])) or row["verdict"]
        mark = "[green]✓[/]" if stands(row) else "[red]✗[/]"
        table.add_row(row["defect"], row["class"], told, seen or "–", mark)
    return table
