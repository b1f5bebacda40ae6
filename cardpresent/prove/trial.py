"""One seeded till put to the suite, in processes of its own, and what came of it against what was foretold."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cardpresent.prove.defect import Seeded, as_row
from cardpresent.prove.graft import graft

TRIAL_S = 600
UNDECIDED = ("harness_error", "config_error", "inconclusive", "not_demonstrated")


@dataclass(frozen=True, slots=True)
class Stock:
    """What grafts are made from, and the short set that runs beside the killers."""

    pos: Path
    integration: Path
    smoke: tuple[str, ...]
    seed: int


def tried(seeded: Seeded, stock: Stock) -> dict[str, Any]:
    """Certify the seeded till and return its row of the kill matrix."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix=f"cardpresent-{seeded.id}-") as folder:
        root = Path(folder)
        file = graft(seeded, stock.pos, stock.integration, root / "till")
        out = root / "out"
        wanted = (*seeded.header.scenarios, *stock.smoke) if seeded.kind == "defect" else ()
        done = _certify(file, out, wanted, stock.seed)
        report = _report(out)
    return {**as_row(seeded), **_judged(seeded, report, done), "wall_s": round(time.perf_counter() - begun, 1)}


def _certify(file: Path, out: Path, wanted: tuple[str, ...], seed: int) -> str:
    command = [sys.executable, "-m", "cardpresent", "certify", "--integration", str(file), "--out", str(out)]
    command += ["--seed", str(seed), *(part for name in wanted for part in ("--select", name))]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TRIAL_S, check=False,
            cwd=out.parent, env=dict(os.environ),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"did not end within {TRIAL_S} s"
    return "" if (out / "report.json").exists() else (done.stderr.strip().splitlines() or ["no report"])[-1]


def _report(out: Path) -> dict[str, Any]:
    path = out / "report.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _judged(seeded: Seeded, report: dict[str, Any], problem: str) -> dict[str, Any]:
    red = [
        {"requirement": f["requirement"], "check": f["check"], "scenario": s["id"], "observed": f["observed"],
         "evidence": f["evidence"], "level": f["level"]}
        for s in report.get("scenarios", [])
        if not s["supplementary"]
        for f in s["findings"]
        if f["holds"] is False and not f["supplementary"]
    ]  # fmt: skip
    row: dict[str, Any] = {
        "verdict": report.get("verdict"), "exit_code": report.get("exit_code"), "observed": red,
        "undecided": _undecided(report), "problem": problem,
    }  # fmt: skip
    if seeded.kind == "benign":
        return {**row, "certified": report.get("verdict") == "certified"}
    foretold = _foretold(seeded, red)
    # A breach of what only should hold is reported and refuses nobody.
    warned = any(f["level"] == "should" for f in foretold)
    return {**row, "killed": bool(foretold) and (report.get("verdict") == "refused" or warned)}


def _undecided(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What was put to the till and decided nothing, and why: that keeps a harmless variant from its certificate."""
    return [
        {"scenario": s["id"], "outcome": s["outcome"], "reason": s["reason"]}
        for s in report.get("scenarios", [])
        if s["outcome"] in UNDECIDED
    ]


def _foretold(seeded: Seeded, red: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is red for the reason written down beforehand, in a scenario that was named, with something to show."""
    expected = seeded.header.expected
    assert expected is not None
    return [
        f
        for f in red
        if f["requirement"] == expected.requirement
        and f["check"] == expected.check
        and f["scenario"] in seeded.header.scenarios
        and f["evidence"]
    ]


def stands(row: dict[str, Any]) -> bool:
    """Whether a row is as it must be."""
    return bool(row["killed"] if row["kind"] == "defect" else row["certified"])
