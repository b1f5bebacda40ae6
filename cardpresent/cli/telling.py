"""What a run has to tell, as certificate/ takes it; and its evidence, looked through before anybody shares it."""

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from cardpresent import __version__
from cardpresent.certificate.machine import write_certificate
from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Fault, Report, build_report, write_report
from cardpresent.certificate.report import Run as Told
from cardpresent.certificate.requirements import Attestation
from cardpresent.certificate.views import write_views
from cardpresent.cli.lanes import Gathered, unreached
from cardpresent.cli.page_sdk import sdk_of
from cardpresent.cli.selection import Listed
from cardpresent.cli.share import Share
from cardpresent.evidence.attestations import Attested
from cardpresent.evidence.planted import planted_in
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.keys import Secrets
from cardpresent.launch.plan import Record
from cardpresent.launch.run import PARTS
from cardpresent.launch.till import SCRATCH
from cardpresent.model.capability import Capability
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import CAPABILITIES, Integration

JOURNAL = "journal.jsonl"
SHOWN = 10


@dataclass(slots=True)
class Course:
    """How far a run came."""

    out: Path
    seed: int
    typed: Path | None
    integration: Integration
    register: Register
    scenarios: Sequence[Listed]
    share: Share
    narrowed: bool
    secrets: Secrets
    gathered: Gathered = field(default_factory=Gathered)
    wall_s: float = 0.0


def tell(course: Course) -> Report:
    """Write the report and every view of it; then look through all of it for planted secrets, and say what was found.

    A secret that is found is a fault of the suite: such evidence cannot be shown to anybody.
    """
    records, faults = _records(course), list(course.gathered.faults)
    clean = Redactor(course.secrets.all()).clean
    (course.out / JOURNAL).touch()
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


def join_journals(out: Path) -> None:
    """One journal of all the tills' own, in their order; their entries are numbered apart from the start."""
    parts = sorted((out / PARTS).glob("*.jsonl"), key=lambda part: int(part.stem))
    with (out / JOURNAL).open("wb") as whole:
        for part in parts:
            with part.open("rb") as lines:
                shutil.copyfileobj(lines, whole)
    shutil.rmtree(out / PARTS, ignore_errors=True)


def _records(course: Course) -> list[Record]:
    """As the suite lists them, whichever lane ran them; what was never reached, too."""
    known, faults = course.gathered.records, course.gathered.faults
    why = faults[0].problem if faults else "no reason was given"
    everything = [*known, *unreached(course.share, known, f"the run ended before it: {why}")]
    place = {scenario.id: number for number, scenario in enumerate(course.scenarios)}
    shops = {shop: number for number, shop in enumerate(course.integration.every_shop)}
    ordered = sorted(everything, key=lambda record: (place[record["id"]], shops[record["shop"]]))
    return list(_counted(ordered, {scenario.id: scenario.rows for scenario in course.scenarios}))


def _counted(records: Iterable[Record], rows: Mapping[str, int]) -> Iterator[Record]:
    """Each with the number of its attempt, from 1, and how many there were: rows of an outline are no attempts."""
    for (_, one), same in groupby(records, key=lambda record: (record["shop"], record["id"])):
        runs = list(same)
        attempts = -(-len(runs) // rows[one])
        yield from ({**run, "attempt": k // rows[one] + 1, "attempts": attempts} for k, run in enumerate(runs))


def _told(
    course: Course, records: Sequence[Record], faults: Sequence[Fault], evidence: Mapping[str, Any] | None = None
) -> Told:
    till, shops = course.integration.till, course.integration.every_shop.values()
    ran = [r for r in records if r["outcome"] == ScenarioOutcome.PASSED.value]
    return Told(
        id=course.out.name, venue="emulator", seed=str(course.seed),
        till={"name": till.name, "build": till.build, "kind": till.kind, "country": till.country,
              "capture": till.capture, "shops": list(course.integration.shops)},
        answers={name: tuple(dict.fromkeys(getattr(shop.till, name) for shop in shops))
                 for name in ("kind", "country", "capture")},
        capabilities={name: _capability(course.integration, name) for name in CAPABILITIES},
        versions=_versions(course.integration),
        reliance={"redirection": course.gathered.redirection or "none: the till never ran",
                  "sdk": sdk_of(course.integration, course.out / JOURNAL),
                  "books_or_word": _forms(records), "fidelity": _fidelity(course.gathered.fidelity),
                  "staged": sorted({s for r in records for s in r["staged"]})},
        timing={"wall_s": course.wall_s, "lanes": course.gathered.lanes,
                "scenario_median_s": _median_s(ran, course.scenarios), "slowest": _slowest(records)},
        today=datetime.now(UTC).date(), integration=str(course.typed) if course.typed else None,
        selected=sorted({r for s in course.scenarios for r in s.requirements}) if course.narrowed else None,
        faults=faults, evidence=evidence or {}, attestations=list(_attested(records)),
    )  # fmt: skip


def _capability(till: Integration, name: str) -> Capability:
    """The best that any of the file's tills says of it: what one of them can do is asked of that one."""
    order = ("present", "absent", "not_applicable")
    return min((shop.capability(name) for shop in till.every_shop.values()), key=lambda c: order.index(c.state))


def _attested(records: Iterable[Record]) -> Iterator[Attestation]:
    for record in records:
        if record["outcome"] == ScenarioOutcome.ATTESTED.value:
            one = msgspec.convert(record["attested"], Attested)
            for requirement in one.requirements:
                yield Attestation(
                    requirement, one.statement, one.by, one.evidence, one.on, one.until, one.sha256, one.seen_at_stripe
                )


def _fidelity(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {known: counts[known] for known in ("documented", "observed", "assumed") if known in counts}


def _slowest(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The ten that took longest, each row of an outline for itself."""
    slow = sorted(records, key=lambda record: -float(record["duration_ms"]))[:SHOWN]
    return [{"id": r["id"], "shop": r["shop"], "duration_ms": r["duration_ms"]} for r in slow if r["duration_ms"]]


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
