"""`certify --rerun failed`: what the last run left to be run again, and every attempt that was made so far."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cardpresent.certificate.report import NAME, Report, ReportError, read_report
from cardpresent.certificate.tries import Earlier
from cardpresent.cli.stop import Stop
from cardpresent.model.outcome import Exit

RUNS: Final = Path("reports/out")
SEED: Final = re.compile(r"[0-9]{1,20}")
# What did not pass and may pass now. Nothing that is done here changes what is untested or does not apply, and what was
# attested or waived has its owner.
LEFT: Final = frozenset(
    ["failed", "warning", "harness_error", "config_error", "inconclusive", "not_run", "not_demonstrated"]
)


@dataclass(frozen=True, slots=True)
class Again:
    """What is run again: the ids of the scenarios, their earlier `tries`, and which report says so (`of`)."""

    ids: frozenset[str]
    earlier: Earlier
    of: dict[str, Any]
    path: Path
    seed: int | None
    integration: Path | None
    till: str


def what_failed(out: Path | None, named: Path | None) -> Again:
    """What did not pass in the run named, else in the one in `out`, else in the newest one. Raises Stop."""
    path = _report(out, named)
    try:
        report = read_report(path)
    except ReportError as error:
        raise Stop(f"--rerun: {error}", Exit.USAGE) from None
    ids = frozenset(_left(report))
    if not ids:
        raise Stop(f"--rerun failed: in {path} nothing is left to be run again; leave --rerun out", Exit.USAGE)
    return Again(
        ids=ids, earlier={s["id"]: _tries(path, s) for s in report["scenarios"] if s["id"] in ids},
        of={"run": report.get("run"), "date": report.get("date"), "verdict": report["verdict"],
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        path=path, seed=_seed(report.get("seed")),
        integration=Path(report["integration"]) if report.get("integration") else None,
        till=str(report["till"].get("name") or ""),
    )  # fmt: skip


def _seed(told: str | None) -> int | None:
    return int(told) if told is not None and SEED.fullmatch(told) else None


def _left(report: Report) -> Iterator[str]:
    return (scenario["id"] for scenario in report["scenarios"] if scenario["outcome"] in LEFT)


def _tries(path: Path, scenario: dict[str, Any]) -> Sequence[dict[str, Any]]:
    if "tries" not in scenario:
        raise Stop(f"--rerun: {path}: keeps no attempts; run the whole checklist with this version once", Exit.USAGE)
    tries: Sequence[dict[str, Any]] = scenario["tries"]
    return tries


def _report(out: Path | None, named: Path | None) -> Path:
    if named is not None:
        path = named / NAME if named.is_dir() else named
        if not path.is_file():
            raise Stop(f"--from {named}: holds no report; give a run's folder or its report.json", Exit.USAGE)
        return path
    if out is not None and (out / NAME).is_file():
        return out / NAME
    runs = sorted(RUNS.glob(f"*/{NAME}"), key=lambda path: path.stat().st_mtime)
    if not runs:
        where = f"neither {out} nor {RUNS} holds one" if out else f"{RUNS} holds none"
        raise Stop(f"--rerun needs the report of an earlier run, and {where}; name it with --from", Exit.USAGE)
    return runs[-1]
