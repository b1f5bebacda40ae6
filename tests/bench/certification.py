"""How long the default certification of the reference POS takes, as its user waits for it and as it reports it."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cardpresent.cli.gherkin_lint import scenarios
from tests.bench.line import Line
from tests.bench.servers import ROOT, BenchError, without_colour

LIMIT_S = 600.0
COMMAND = str(Path(sys.executable).with_name("cardpresent"))
# A scenario that works a page waits for a browser; the budget is for those that talk to the till directly.
PAGE = "needs-page"
# Outcomes of scenarios that did run; one that did not took no time and would flatter the median.
RAN = {"failed", "passed", "warning", "waived", "inconclusive", "attested"}


def default_certification() -> Iterator[Line]:
    report, wall_s = certified()
    pages = {f"{scenario.file}::{scenario.title}" for scenario in scenarios(ROOT)[0] if PAGE in scenario.tags}
    # Each row of an outline is a scenario of its own here: the budget is for one sale's worth of work.
    told = [row for one in report["scenarios"] if one["id"] not in pages for row in one.get("rows") or [one]]
    ran = [row["duration_ms"] for row in told if row["outcome"] in RAN]
    yield Line("certify_wall", wall_s, "s", 60.0, gating=True)
    yield Line("scenario_median", statistics.median(ran), "ms", 150.0, gating=True)
    yield Line("scenario_p90", statistics.quantiles(ran, n=10)[-1], "ms")


def smoke_certification() -> Iterator[Line]:
    _, wall_s = certified("--smoke")
    yield Line("certify_smoke_wall", wall_s, "s", 10.0)


def certified(*options: str) -> tuple[dict[str, Any], float]:
    """The report of one run and the seconds its user waited. Raises BenchError if nothing ran."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        ended = subprocess.run(
            [COMMAND, "certify", "--out", folder, "--seed", "1", *options],
            cwd=ROOT,
            env=without_colour(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        wall_s = time.perf_counter() - began
        path = Path(folder) / "report.json"
        if not path.exists():
            raise BenchError(f"certify wrote no report (exit code {ended.returncode}): {ended.stderr[-500:]}")
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not any(scenario["outcome"] in RAN for scenario in report["scenarios"]):
        raise BenchError(f"certify ran no scenario (exit code {ended.returncode}); its time means nothing")
    return report, wall_s
