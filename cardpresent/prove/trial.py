"""One seeded till put to the suite, in processes of its own, and what came of it against what was foretold.

A defect's killers are run several times beside the short set run once; a harmless variant stands the whole suite and
then the short set several times. What each run left, its report and its journal, is kept: see mutation.py.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cardpresent.prove.defect import Seeded, as_row
from cardpresent.prove.graft import graft

TRIAL_S: Final = 3600
UNDECIDED: Final = ("harness_error", "config_error", "inconclusive", "not_demonstrated")
KEPT: Final = ("report.json", "journal.jsonl")
# What runs beside the killers, in the words of `certify --beside`.
SHORT_SET, EVERYTHING = "smoke", "everything"
REFUSED: Final = "refused"

Report = Mapping[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stock:
    """What grafts are made from, how often, and where what they leave is kept.

    `attempts`: runs of each killer. `beside`: what runs once beside the killers, None for nothing. `short_runs`: how
    often the short set is put to a harmless variant after the whole suite.
    """

    pos: Path
    integration: Path
    seed: int
    keep: Path
    attempts: int = 5
    beside: str | None = SHORT_SET
    short_runs: int = 4


def tried(seeded: Seeded, stock: Stock) -> Row:
    """Certify the seeded till and return its row of the kill matrix."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix=f"cardpresent-{seeded.id}-") as folder:
        file = graft(seeded, stock.pos, stock.integration, Path(folder) / "till")
        row = _defect(seeded, stock, file) if seeded.kind == "defect" else _harmless(seeded, stock, file)
    return {**as_row(seeded), **row, "wall_s": round(time.perf_counter() - begun, 1)}


def stands(row: Mapping[str, Any]) -> bool:
    """Whether a row is as it must be."""
    return bool(row["killed"] if row["kind"] == "defect" else row["certified"])


# A defect


def _defect(seeded: Seeded, stock: Stock, file: Path) -> Row:
    words = [part for name in seeded.header.scenarios for part in ("--select", name)]
    words += ["--repeat", str(stock.attempts), *(("--beside", stock.beside) if stock.beside else ())]
    report, problem = _certified(file, stock, seeded.id, words)
    red = list(_red(report))
    foretold = [found for found in red if is_foretold(seeded, found)]
    attempts = {found["attempt"] for found in foretold}
    idle = sorted(set(seeded.header.scenarios) - {found["scenario"] for found in red})
    # A breach of what only should hold is reported and refuses nobody.
    known = report.get("verdict") == REFUSED or any(found["level"] == "should" for found in foretold)
    smoke = sorted({found["scenario"] for found in red} - set(seeded.header.scenarios))
    return {
        "verdict": report.get("verdict"), "exit_code": report.get("exit_code"), "observed": _once(red),
        "attempts": stock.attempts, "kills": len(attempts), "idle": idle, "beside": smoke,
        "undecided": _undecided(report), "problem": problem or (f"never red: {idle[0]}" if idle else ""),
        "killed": known and len(attempts) == stock.attempts and not idle,
    }  # fmt: skip


def is_foretold(seeded: Seeded, found: Mapping[str, Any]) -> bool:
    """Red for the reason written down beforehand, in a scenario that was named, with something to show for it."""
    expected = seeded.header.expected
    assert expected is not None
    return bool(
        (found["requirement"], found["check"]) == (expected.requirement, expected.check)
        and found["scenario"] in seeded.header.scenarios
        and found["evidence"]
    )


def _red(report: Report) -> Iterator[dict[str, Any]]:
    """Each breach that was found, with the scenario and the attempt it was found in."""
    for scenario in report.get("scenarios", []):
        rows = scenario.get("rows") or [scenario]
        for found in scenario["findings"]:
            if found["holds"] is False and not found["supplementary"] and not scenario["supplementary"]:
                yield {
                    **{key: found[key] for key in ("requirement", "check", "observed", "evidence", "level")},
                    "scenario": scenario["id"], "attempt": rows[found.get("row", 0)]["attempt"],
                }  # fmt: skip


def _once(red: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first of each: which check turned which line red in which scenario."""
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    for found in red:
        seen.setdefault((found["requirement"], found["check"], found["scenario"]), dict(found))
    return list(seen.values())


# A harmless variant


def _harmless(seeded: Seeded, stock: Stock, file: Path) -> Row:
    report, problem = _certified(file, stock, seeded.id, ["--lanes", "1"])
    red, undecided = list(_red(report)), _undecided(report)
    if stock.short_runs:
        words = ["--smoke", "--repeat", str(stock.short_runs)]
        again, trouble = _certified(file, stock, f"{seeded.id}-short", words)
        red, undecided = [*red, *_red(again)], [*undecided, *_undecided(again)]
        problem = problem or trouble
    if not problem and undecided:
        problem = f"{undecided[0]['scenario']}: {undecided[0]['outcome']}: {undecided[0]['reason']}"
    return {
        "verdict": report.get("verdict"), "exit_code": report.get("exit_code"), "observed": _once(red),
        "undecided": undecided, "problem": problem,
        "certified": report.get("verdict") == "certified" and not red and not problem,
    }  # fmt: skip


def _undecided(report: Report) -> list[dict[str, Any]]:
    """What was put to the till and decided nothing, and why: that keeps a harmless variant from its certificate."""
    return [
        {"scenario": s["id"], "outcome": s["outcome"], "reason": s["reason"]}
        for s in report.get("scenarios", [])
        if s["outcome"] in UNDECIDED
    ]


# Running


def _certified(file: Path, stock: Stock, name: str, words: list[str]) -> tuple[Report, str]:
    """The report of one certification, and what kept it from having one. What it left is kept under `name`."""
    out = stock.keep / name
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "cardpresent", "certify", "--integration", str(file), "--out", str(out)]
    command += ["--seed", str(stock.seed), *words]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TRIAL_S, check=False,
            cwd=file.parent.parent, env=dict(os.environ),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {}, f"did not end within {TRIAL_S} s"
    path = out / "report.json"
    if not path.exists():
        return {}, (done.stderr.strip().splitlines() or ["no report"])[-1]
    report: Report = json.loads(path.read_text(encoding="utf-8"))
    for left in out.iterdir():
        if left.name not in KEPT:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return report, ""
