"""What a run has to tell, as certificate/ takes it; and its evidence, looked through before anybody shares it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cardpresent import __version__
from cardpresent.certificate.machine import write_certificate
from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Fault, Report, build_report, write_report
from cardpresent.certificate.report import Run as Told
from cardpresent.certificate.views import write_views
from cardpresent.cli.scenarios import unreached
from cardpresent.cli.selection import Listed
from cardpresent.evidence.planted import planted_in
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.keys import Secrets
from cardpresent.launch.plan import Plan, Record
from cardpresent.launch.till import SCRATCH
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import CAPABILITIES, Integration


@dataclass(slots=True)
class Course:
    """How far a run came: `plan` is None where its processes never stood."""

    out: Path
    seed: int
    typed: Path | None
    integration: Integration
    register: Register
    scenarios: Sequence[Listed]
    narrowed: bool
    secrets: Secrets
    plan: Plan | None = None
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    wall_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)


def tell(course: Course) -> Report:
    """Write the report and every view of it; then look through all of it for planted secrets, and say what was found.

    A secret that is found is a fault of the suite: such evidence cannot be shown to anybody.
    """
    records, faults = _records(course), _faults(course)
    clean = Redactor(course.secrets.all()).clean
    (course.out / "journal.jsonl").touch()
    write_report(course.out, build_report(_told(course, records, faults), course.register, records, clean))
    write_views(course.out)
    holding = planted_in(course.out, course.secrets.all(), leave_out=(SCRATCH,))
    if holding:
        names = ", ".join(path.relative_to(course.out).as_posix() for path in holding)
        faults.append(Fault("harness", f"a secret of this run stands in {names}; show them to nobody, and report it"))
    told = _told(course, records, faults, {"planted_secrets": len(holding)})
    report = build_report(told, course.register, records, clean)
    write_report(course.out, report)
    # These two show what was found, and the page the report's digest; the other views speak of scenarios alone.
    write_page(course.out)
    write_certificate(course.out)
    return report


def _records(course: Course) -> list[Record]:
    known = course.plan.records if course.plan else []
    why = course.faults[0].problem if course.faults else (course.plan and course.plan.stopped) or "no reason was given"
    return [*known, *unreached(course.scenarios, known, f"the run ended before it: {why}")]


def _faults(course: Course) -> list[Fault]:
    plan = course.plan
    stopped = [Fault(plan.stopped_by, plan.stopped)] if plan and plan.stopped else []
    return [*course.faults, *stopped]


def _told(
    course: Course, records: Sequence[Record], faults: Sequence[Fault], evidence: Mapping[str, Any] | None = None
) -> Told:
    till = course.integration.till
    ran = [r for r in records if r["outcome"] == ScenarioOutcome.PASSED.value]
    return Told(
        id=course.out.name, venue="emulator", seed=str(course.seed),
        till={"name": till.name, "build": till.build, "kind": till.kind, "country": till.country,
              "capture": till.capture},
        answers={"kind": till.kind, "country": till.country, "capture": till.capture},
        capabilities={name: course.integration.capability(name) for name in CAPABILITIES},
        versions=_versions(course.integration),
        reliance={"redirection": course.plan.run.redirection if course.plan else "none: the till never ran",
                  "books_or_word": _forms(records), "fidelity": dict(course.fidelity),
                  "staged": sorted({s for r in records for s in r["staged"]})},
        timing={"wall_s": course.wall_s, "scenario_median_s": _median_s(ran, course.scenarios)},
        today=datetime.now(UTC).date(), integration=str(course.typed) if course.typed else None,
        selected=sorted({r for s in course.scenarios for r in s.requirements}) if course.narrowed else None,
        faults=faults, evidence=evidence or {},
    )  # fmt: skip


def _median_s(ran: Sequence[Record], scenarios: Sequence[Listed]) -> float:
    """Of the scenarios that need no browser: what a page costs is the browser's time, not the suite's."""
    pages = {s.id for s in scenarios if "page" in s.tags}
    lasted = sorted(float(r["duration_ms"]) for r in ran if r["id"] not in pages)
    return round(lasted[len(lasted) // 2] / 1000, 4) if lasted else 0.0


def _forms(records: Sequence[Record]) -> dict[str, int]:
    checks = [f["check"] for r in records for f in r["findings"]]
    return {"books": checks.count("invariants.till_books_agree"), "word": checks.count("invariants.captured_as_told")}


def _versions(integration: Integration) -> dict[str, str]:
    import stripe

    return {
        "cardpresent": __version__, "stripe": stripe.VERSION, "stripe_api": stripe.api_version or "2026-10-28.endive",
        "python": sys.version.split()[0], "integration_sha256": integration.digest,
    }  # fmt: skip
