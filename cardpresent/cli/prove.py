"""`cardpresent prove`: the suite refuses what it must refuse, for the reason foretold, and nothing else."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Column, Table

from cardpresent.certificate.report import write_whole
from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit
from cardpresent.prove import mutation
from cardpresent.prove.defect import DefectError, Seeded, all_in
from cardpresent.prove.graft import must_fit
from cardpresent.prove.trial import EVERYTHING, SHORT_SET, Stock, stands, tried

MATRIX: Final = "kill-matrix.json"
TRIALS: Final = "trials"
# The variants that wait most begin first, or the proof would end with one of them alone.
SLOWEST: Final = ("B-3",)


@click.command()
@click.option("--only", multiple=True, metavar="ID", help="Only this defect or variant (M-05); repeatable.")
@click.option(
    "--quick", is_flag=True,
    help="Each defect's killers once, and no harmless variant: what a change may have broken."
)
@click.option("--full", is_flag=True, help="The whole suite beside every defect's killers: hours, not minutes.")
@click.option(
    "--mutate-checks", is_flag=True,
    help="Try no till: judge again what the last proof saved, with each check removed and turned round in turn.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports/out"),
    show_default=True,
    help="Folder for kill-matrix.json, and for what each trial saved (trials/).",
)
@click.option(
    "--defects",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another folder with defects/ and benign/; the suite's own if left out.",
)
@click.option("--jobs", type=click.IntRange(1, 8), default=4, show_default=True, help="Tills tried at the same time.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The seed of every certification.")
def prove(
    only: tuple[str, ...], quick: bool, full: bool, mutate_checks: bool, out: Path, defects: Path | None, jobs: int,
    seed: int,
) -> None:  # fmt: skip
    """Show that the suite refuses every seeded defect, for the reason foretold, and no harmless variant.

    Each defect's killers are run five times and the short set once; each harmless variant stands the whole suite once
    and the short set four times.

    \b
    Exit codes: 0 every defect killed and no variant refused · 1 otherwise · 2 usage · 3 configuration.
    """
    suite = suite_root()
    pos = Path(__file__).resolve().parent.parent / "reference_pos"
    integration = suite / "fixtures" / "integrations" / "reference_pos.toml"
    if quick and full:
        raise Stop("--quick and --full: choose one", Exit.USAGE)
    try:
        refuse_live_keys()
        seeded = _wanted(all_in(defects or suite / "fixtures"), only)
        if mutate_checks:
            sys.exit(_without_each_check(seeded, out, narrowed=bool(only)))
        seeded = [one for one in seeded if not quick or one.kind == "defect"]
        for one in seeded:
            must_fit(one, pos, integration)
    except LiveKeyRefused as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    except DefectError as error:
        raise Stop(str(error), Exit.USAGE) from None
    stock = Stock(
        pos, integration, seed, (out / TRIALS).resolve(), attempts=1 if quick else 5,
        beside=EVERYTHING if full else None if quick else SHORT_SET,
    )  # fmt: skip
    begun = time.perf_counter()
    rows = _try_all(seeded, stock, jobs, Console(stderr=True))
    matrix = {"rows": rows, "wall_s": round(time.perf_counter() - begun, 1), "seed": seed, "attempts": stock.attempts}
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
    order = sorted(seeded, key=lambda s: (s.kind != "benign", s.id not in SLOWEST))
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
    if row["killed"]:
        return f"killed {row['kills']} of {row['attempts']}"
    return f"NOT KILLED ({row['kills']} of {row['attempts']}; {row['problem'] or row['verdict']})"


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("Till", "Class", "Foretold", "Observed", "", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        expected = row["expected"]
        told = f"{expected['requirement']} {expected['check']}" if expected else "certified"
        seen = ", ".join(dict.fromkeys(f"{f['requirement']} {f['check']}" for f in row["observed"])) or row["verdict"]
        mark = "[green]✓[/]" if stands(row) else "[red]✗[/]"
        table.add_row(row["defect"], row["class"], told, seen or "–", mark)
    return table


def _without_each_check(seeded: list[Seeded], out: Path, *, narrowed: bool) -> int:
    """Print what every check is needed for; 1 where one is needed for nothing, or judges a saved journal otherwise.

    Where only some defects are looked at, nothing can be said of the checks that none of them rests on.
    """
    saved = list(mutation.load(seeded, out / TRIALS))
    found = [one for one in mutation.mutations(saved) if one.rests or not narrowed]
    heads = ("Kills", "Survive without it", "unseen then", "Refused turned round", "")
    table = Table(Column("Check", no_wrap=True), *heads, box=None, padding=(0, 2, 0, 0))
    for one in found:
        mark = "[green]✓[/]" if one.needed else "[red]✗[/]"
        counts = (str(len(ids)) for ids in (one.rests, one.survive, one.unseen, one.alarmed))
        table.add_row(one.check, *counts, mark)
    Console().print(table)
    differing = [f"{trial.seeded.id}: {what}" for trial in saved for what in trial.differing]
    idle = [one.check for one in found if not one.needed]
    for what in differing:
        click.echo(f"judged otherwise than it was: {what}", err=True)
    if idle:
        click.echo(f"every defect is killed without {', '.join(idle)}; seed one that rests on it", err=True)
    named = write_whole(out / "mutated-checks.json", json.dumps([_as_row(one) for one in found], indent=1) + "\n")
    click.echo(f"Which defects they are: {named}")
    return 1 if differing or idle else 0


def _as_row(one: mutation.Mutated) -> dict[str, Any]:
    return {
        "check": one.check, "rests": one.rests, "survive": one.survive, "unseen": one.unseen, "alarmed": one.alarmed,
        "needed": one.needed,
    }  # fmt: skip
