"""What a run has to tell, as certificate/ takes it; and its evidence, looked through before anybody shares it."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from cardpresent import __version__
from cardpresent.certificate.machine import write_certificate
from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Fault, Report, build_report, write_report
from cardpresent.certificate.report import Run as Told
from cardpresent.certificate.requirements import Attestation
from cardpresent.certificate.views import write_views
from cardpresent.cli.again import Again
from cardpresent.cli.lanes import Gathered, unreached, unreached_rows
from cardpresent.cli.leftovers import sales_left
from cardpresent.cli.selection import Listed
from cardpresent.cli.share import Share
from cardpresent.cli.stand_in import sdk_of
from cardpresent.drivers.stripe.api_version import STRIPE_API
from cardpresent.evidence.attestations import Attested
from cardpresent.evidence.planted import planted_in
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.folders import PARTS, SCRATCH
from cardpresent.launch.keys import Secrets
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.model.record import Record
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration
from cardpresent.profile.answers import answers_of, capabilities_of
from cardpresent.profile.consent import consent_of, holds_rows
from cardpresent.profile.prices import factor
from cardpresent.profile.waivers import Waivers

if TYPE_CHECKING:
    from cardpresent.cli.reach import Beyond

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
    today: date
    waivers: Waivers
    again: Again | None = None
    venue: str = "emulator"
    # What cannot be put to the till at this Stripe, each with its reason.
    beyond: "Sequence[Beyond]" = ()
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
    everything = [
        *known, *unreached(course.share, known, f"the run ended before it: {why}"),
        *(row for one in course.beyond for row in _beyond(one)),
    ]  # fmt: skip
    place = {scenario.id: number for number, scenario in enumerate(course.scenarios)}
    shops = {shop: number for number, shop in enumerate(course.integration.every_shop)}
    ordered = sorted(everything, key=lambda record: (place[record["id"]], shops[record["shop"]]))
    return list(_counted(ordered, {scenario.id: scenario.rows for scenario in course.scenarios}))


def _beyond(one: "Beyond") -> Iterator[Record]:
    for row in unreached_rows(one.scenario, one.shop, one.reason):
        yield {**row, "outcome": one.outcome.value}


def _counted(records: Iterable[Record], rows: Mapping[str, int]) -> Iterator[Record]:
    """Each with the number of its attempt, from 1, and how many there were: rows of an outline are no attempts."""
    for (_, one), same in groupby(records, key=lambda record: (record["shop"], record["id"])):
        runs = list(same)
        attempts = -(-len(runs) // rows[one])
        yield from ({**run, "attempt": k // rows[one] + 1, "attempts": attempts} for k, run in enumerate(runs))


def _told(
    course: Course, records: Sequence[Record], faults: Sequence[Fault], evidence: Mapping[str, Any] | None = None
) -> Told:
    till = course.integration.till
    ran = [r for r in records if r["outcome"] == ScenarioOutcome.PASSED.value]
    return Told(
        id=course.out.name, venue=course.venue, seed=str(course.seed),
        till={"name": till.name, "build": till.build, "kind": till.kind, "country": till.country,
              "capture": till.capture, "behind": till.behind, "shops": list(course.integration.shops),
              "data": _data(course.integration)},
        answers=answers_of(course.integration), capabilities=capabilities_of(course.integration),
        versions=versions_of(course.integration, course.waivers),
        reliance={"redirection": course.gathered.redirection or "none: the till never ran",
                  "asked_in": asked_in(course.integration), "sdk": sdk_of(course.integration, course.out / JOURNAL),
                  "books_or_word": forms(f["check"] for r in records for f in r["findings"]),
                  "fidelity": fidelity_counts(course.gathered.fidelity),
                  "staged": sorted({s for r in records for s in r["staged"]}), **_leavings(course.gathered.left),
                  **_sales_left(course)},
        timing={"wall_s": course.wall_s, "lanes": course.gathered.lanes,
                "scenario_median_s": _median_s(ran, course.scenarios), "slowest": _slowest(records)},
        today=course.today, integration=str(course.typed) if course.typed else None,
        selected=sorted({r for s in course.scenarios for r in s.requirements}) if course.narrowed else None,
        faults=faults, evidence=evidence or {}, attestations=list(_attested(records)), waivers=course.waivers.waivers,
        rerun_of=course.again.of if course.again else None, earlier=course.again.earlier if course.again else {},
    )  # fmt: skip


def _data(integration: Integration) -> dict[str, Any]:
    """What the file says of the rows in its tills, who consented to a run, and how they are emptied first."""
    shops = integration.every_shop.values()
    return {
        "holds_rows": any(holds_rows(shop) for shop in shops),
        "consent": next((consent_of(shop) for shop in shops if holds_rows(shop) and consent_of(shop)), None),
        "reset": any(shop.data.reset or shop.data.reset_command for shop in shops),
    }


def _leavings(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What was made at Stripe and taken back, and what was not; nothing where nothing had to be."""
    cleaned, left = ([one for part in told for one in part[what]] for what in ("cleaned", "left"))
    return {"leavings": {"cleaned": len(cleaned), "left": left}} if cleaned or left else {}


def _sales_left(course: Course) -> dict[str, Any]:
    sales = sales_left(course.integration, course.out / JOURNAL)
    return {"sales_left": sales} if sales else {}


def _attested(records: Iterable[Record]) -> Iterator[Attestation]:
    for record in records:
        if record["outcome"] == ScenarioOutcome.ATTESTED.value:
            one = msgspec.convert(record["attested"], Attested)
            for requirement in one.requirements:
                yield Attestation(
                    requirement, one.statement, one.by, one.evidence, one.on, one.until, one.sha256, one.seen_at_stripe
                )


def asked_in(integration: Integration) -> str:
    """In which money, and at which prices, each of the file's tills was asked."""
    told = []
    for shop in integration.every_shop.values():
        prices = shop.prices
        times = factor(prices.currency)
        how = [f"{times} times the figure"] if times > 1 else []
        how += [f"at the one price of {prices.fixed}"] if prices.fixed else []
        told.append(prices.currency.upper() + (f" ({', '.join(how)})" if how else ""))
    return ", ".join(dict.fromkeys(told))


def fidelity_counts(counts: Mapping[str, Any]) -> dict[str, Any]:
    """How many behaviours the emulated Stripe relies on are documented, observed and assumed."""
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


def forms(checks: Iterable[str]) -> dict[str, int]:
    """How often the till's own books were held against Stripe's, and how often its word; by the names of the checks."""
    counted = Counter(checks)
    return {"books": counted["invariants.till_books_agree"], "word": counted["invariants.captured_as_told"]}


def versions_of(integration: Integration, waivers: Waivers | None = None) -> dict[str, str]:
    reviewed = {"waivers_sha256": waivers.digest} if waivers and waivers.digest else {}
    return reviewed | {
        "cardpresent": __version__, "stripe": version("stripe"), "stripe_api": STRIPE_API,
        "python": sys.version.split()[0], "integration_baseline_sha256": integration.digests.baseline,
        "integration_environment_sha256": integration.digests.environment,
    }  # fmt: skip
