"""load.html: the page of a load run, a sister of the certificate, made from its report and its journal."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cardpresent.certificate.cards import Card
from cardpresent.certificate.load_cards import findings, load_cards
from cardpresent.certificate.load_chart import LINES, charts, step_s, undrawn_goals, unit_of_time
from cardpresent.certificate.load_evidence import Evidence
from cardpresent.certificate.load_measures import goal_words, held, judged, measures, milliseconds, seconds, shown
from cardpresent.certificate.load_report import LoadRun, load_of
from cardpresent.certificate.load_words import (
    ARRIVALS,
    agreed,
    asked,
    command,
    goals_told,
    lead,
    lost,
    measuring,
    mix,
    payments,
    reasons,
    stopped,
    sums,
)
from cardpresent.certificate.page import RELIED_ON, environment
from cardpresent.certificate.report import NAME as REPORT
from cardpresent.certificate.report import write_whole
from cardpresent.certificate.wording import SEALS, VENUES, counted, sentence
from cardpresent.model.outcome import Exit

NAME: Final = "load.html"
TEMPLATE: Final = "load.html.j2"
CAUSES: Final = 6
WINDOWS: Final = 12
UNCLAIMED: Final = 10

Report = Mapping[str, Any]
Told = tuple[str | None, str]


def write_load_page(report: Report, out: Path) -> Path:
    """Render `out`/load.html anew. Raises ReportError where the report is not of a load run."""
    load = load_of(report)
    cards, evidence = load_cards(report, load, out)
    saved = out / REPORT
    digest = hashlib.sha256(saved.read_bytes()).hexdigest() if saved.is_file() else None
    return write_whole(out / NAME, render(report, load, cards, evidence, digest))


def render(report: Report, load: LoadRun, cards: list[Card], evidence: Evidence, digest: str | None) -> str:
    """The page as one text. It asks nothing of any network and runs no script."""
    found, waived = [c for c in cards if not c.waiver], [c for c in cards if c.waiver]
    holding, _, _ = judged(load)
    till = report.get("till") or {}
    context = {
        "report": {**dict.fromkeys(("run", "date", "seed", "venue", "versions", "waivers")), **report},
        "load": load,
        "till": {**dict.fromkeys(("build", "kind", "country", "capture", "behind")), "name": "An unnamed till", **till},
        "reliance": {**dict.fromkeys(RELIED_ON), **(report.get("reliance") or {})},
        "seal": SEALS[report["verdict"]],
        "venue": VENUES.get(report.get("venue", ""), report.get("venue")),
        "asked": asked(load),
        "mix": mix(load),
        "payments": payments(load),
        "goals_told": goals_told(load),
        "holding": holding,
        "held": held(load.cut_short),
        "measures": measures(load),
        "lead": lead(report, load, len(found)),
        "why": _why(report, load, found),
        "next": _next(report, load, found),
        "stopped": stopped(load),
        "cards": found,
        "waived_cards": waived,
        "reasons": reasons(report, load),
        "open_findings": _open(report),
        "warnings": _warnings(report),
        "charts": charts(load),
        "percentiles": LINES,
        "undrawn": undrawn_goals(load),
        "time_unit": unit_of_time(load),
        "point_s": seconds(step_s(sorted(load.series, key=lambda p: p.t_s), load.duration_s)),
        "span": _span(load),
        "many_windows": len(load.windows) > WINDOWS,
        "many_unclaimed": len(load.books.unclaimed) > UNCLAIMED,
        "sums": sums(load),
        "agreed": agreed(report, load),
        "measuring": measuring(load),
        "lost": sentence(lost(load)) if load.lost else None,
        "arrivals": sentence(ARRIVALS),
        "wall_s": (report.get("timing") or {}).get("wall_s"),
        "ms": lambda value: shown(value, "ms"),
        "number": lambda value: shown(value, "number"),
        "seconds": seconds,
        "moment": lambda value: seconds(value).replace(" ", "\u00a0"),
        "entries": evidence.entries,
        "journal_whole": evidence.whole,
        "digest": digest,
        "again": command(report, load),
        "beside": _beside(report, load),
        "also_word": "more sale",
        "no_log": "None of its lines could be told to be about this sale.",
    }
    return environment().get_template(TEMPLATE).render(context)


def _why(report: Report, load: LoadRun, found: list[Card]) -> list[Told]:
    """Pairs of anchor and sentence."""
    missed: list[Told] = [("measures", f"{words}.") for words in goal_words(load.goals, False)]
    if report["verdict"] == "refused":
        told: list[Told] = [(card.anchor, card.headline) for card in found[:CAUSES]]
        if len(found) > CAUSES:
            told.append(("failures", f"and {len(found) - CAUSES} more below"))
        return told + missed or [(None, "No reason was recorded.")]
    if report["verdict"] == "incomplete":
        left: list[Told] = [("undecided", words) for words in reasons(report, load)[:CAUSES]]
        left += [("undecided", one["text"]) for one in _open(report)[: CAUSES - len(left)]]
        return left + missed or [(None, "No reason was recorded.")]
    good: list[Told] = [(None, sentence(payments(load)))]
    if agreed(report, load):
        good.append(("books", "The books agreed."))
    return [*good, ("measures", sentence(goals_told(load)))]


def _next(report: Report, load: LoadRun, found: list[Card]) -> list[Told]:
    code, build = report["exit_code"], (report.get("till") or {}).get("build")
    again: Told = (None, "Run the same load again.")
    room: list[Told] = []
    if measuring(load).at_limit:
        room = [("machine", "Measure on a machine with more room before believing any time or rate.")]
    if code == Exit.REFUSED:
        told: list[Told] = [(None, f"Do not go live with {f'build {build}' if build else 'this build'}.")]
        if found:
            what = "card" if len(found) == 1 else "cards"
            told.append(("failures", f"Give the {what} below to the till’s developers."))
        if any(goal.holds is False for goal in load.goals):
            told.append(("time", "See when it became slow and at which step."))
        return [*told, *room, again]
    if code == Exit.HARNESS:
        return [(None, "Send report.json and journal.jsonl to those who keep the suite; both are redacted."), again]
    if code == Exit.CONFIGURATION:
        return [(None, "Mend the integration file where the reasons point."),
                (None, "Run cardpresent doctor until it has nothing to say."), again]  # fmt: skip
    if code == Exit.INCOMPLETE:
        if load.cut_short or load.lost:
            return [*room, (None, "Run the same load again and let it end.")]
        return [*room, (None, "Mend what the reasons name."), again]
    told = [] if load.goals else [(None, "State goals before the next run: without them only money is judged.")]
    return [*told, *room, (None, "Keep this page with the release, and hold the next run to it: cardpresent diff.")]


def _open(report: Report) -> list[dict[str, Any]]:
    """What the evidence did not decide, the same things once, with how many sales each is about."""
    same: dict[tuple[str, str], int] = {}
    for finding in findings(report, None):
        key = finding["requirement"], sentence(str(finding["observed"]))
        same[key] = same.get(key, 0) + 1
    # What is broken, but not by the till, decides nothing about it either.
    for finding in findings(report):
        if finding["party"] != "product":
            key = finding["requirement"], sentence(str(finding["observed"]))
            same[key] = same.get(key, 0) + 1
    return [{"id": name, "text": text, "count": count} for (name, text), count in same.items()]


def _warnings(report: Report) -> list[dict[str, Any]]:
    shoulds = {line["id"] for line in report["requirements"] if line.get("level") == "should"}
    same: dict[tuple[str, str], int] = {}
    for finding in findings(report):
        if finding["requirement"] in shoulds or finding.get("level") == "should":
            key = finding["requirement"], sentence(str(finding["observed"]))
            same[key] = same.get(key, 0) + 1
    return [{"id": name, "text": text, "count": count} for (name, text), count in same.items()]


def _beside(report: Report, load: LoadRun) -> str:
    """What else went wrong while the money did."""
    if report.get("faults") or load.lost:
        return "The run had troubles of its own, too: they are listed as left undecided."
    return "Beside what was staged, suite, configuration and network did what they should."


def _span(load: LoadRun) -> str:
    """The drawing in words, for whoever cannot see it."""
    told = []
    for name in LINES:
        values = [value for p in load.series if (value := getattr(p, name)) is not None]
        if values:
            told.append(f"{name} between {milliseconds(min(values))} and {milliseconds(max(values))}")
    counts = f"{counted(len(load.windows), 'fault window')} shaded" if load.windows else "no fault was staged"
    return f"Latency over time: {', '.join(told) or 'no payment finished'}; {counts}."
