"""Failure cards of a load run: the certificate's own, one for each cause, however many sales it hit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from cardpresent.certificate.cards import Card, Place, cards
from cardpresent.certificate.exchange import JOURNAL
from cardpresent.certificate.load_evidence import Evidence, gather
from cardpresent.certificate.load_report import LoadRun
from cardpresent.certificate.load_words import command
from cardpresent.evidence.journal import Journal

Report = Mapping[str, Any]
Finding = dict[str, Any]
Signature = frozenset[tuple[str, str]]

FINDING: Final = {
    "check": "", "party": "product", "expected": "no such finding", "observed": "not said", "evidence": (),
}  # fmt: skip
LINE: Final = {"level": "must", "severity": "S1", "outcome": "failed", "usual_fix": None, "source": None}


def findings(report: Report, holds: bool | None = False) -> list[Finding]:
    """What the run's checks found that way, supplementary findings left out."""
    return [
        {**FINDING, **finding}
        for scenario in report["scenarios"]
        for finding in scenario.get("findings") or ()
        if finding.get("holds") is holds and not finding.get("supplementary")
    ]


def breaches(report: Report) -> list[Finding]:
    """What turns a run red beside a missed goal: breaches of musts by the till, which nobody waived."""
    lines = report["requirements"]
    aside = {line["id"] for line in lines if line.get("level") == "should" or line.get("outcome") == "waived"}
    return [
        finding
        for finding in findings(report)
        if finding["party"] == "product" and finding["requirement"] not in aside and finding.get("level") != "should"
    ]


def causes(report: Report) -> list[list[list[Finding]]]:
    """Breaches as the cards join them: for each cause the sales it hit, for each sale its findings."""
    by_sale: dict[str | None, list[Finding]] = {}
    for finding in breaches(report):
        by_sale.setdefault(finding.get("sale"), []).append(finding)
    same: dict[Signature, list[list[Finding]]] = {}
    for found in by_sale.values():
        same.setdefault(_signature(found), []).append(found)
    return sorted(same.values(), key=lambda sales: min(str(f.get("severity", "S3")) for f in sales[0]))


def load_cards(report: Report, load: LoadRun, out: Path) -> tuple[list[Card], Evidence]:
    """Every breach of a must, gravest first, those that are waived last; and what of the journal they rest on."""
    by_sale: dict[str | None, list[Finding]] = {}
    for finding in findings(report):
        by_sale.setdefault(finding.get("sale"), []).append(finding)
    shown = _first_of_its_kind(by_sale)
    numbers = {n for sale in shown for finding in by_sale[sale] for n in finding["evidence"]}
    evidence = gather(out / JOURNAL, [sale for sale in shown if sale], numbers)
    parts = [_part(report, load, sale, found, evidence.journal) for sale, found in by_sale.items()]
    waivers = report.get("waivers") or []
    read = {**report, "requirements": _lines(report, by_sale), "waivers": waivers, "scenarios": parts}
    return [_of_load(card, report, load) for card in cards(read, evidence.journal)], evidence


def _first_of_its_kind(by_sale: Mapping[str | None, Sequence[Finding]]) -> list[str | None]:
    """The sales whose exchange is shown: where one went wrong like another before it, the first stands for both."""
    kinds: dict[Signature, str | None] = {}
    for sale, found in by_sale.items():
        kinds.setdefault(_signature(found), sale)
    return list(kinds.values())


def _signature(found: Sequence[Finding]) -> Signature:
    return frozenset((finding["requirement"], finding["check"]) for finding in found)


def _part(
    report: Report, load: LoadRun, sale: str | None, found: Sequence[Finding], journal: Journal
) -> dict[str, Any]:
    """One sale of the run as the cards take a scenario."""
    own = [entry.n for entry in journal if sale is not None and entry.sale == sale]
    first: Mapping[str, Any] = report["scenarios"][0] if report["scenarios"] else {}
    return {
        "id": first.get("id") or f"load/{load.name}",
        "title": load.question or load.name,
        "outcome": "failed",
        "requirements": list(dict.fromkeys(finding["requirement"] for finding in found)),
        "findings": found,
        # A finding about the run as a whole has no exchange but its own evidence.
        "journal": [min(own), max(own)] if own else [0, -1],
        "staged": [window.what or window.fault.replace("_", " ") for window in load.windows],
    }


def _lines(report: Report, by_sale: Mapping[str | None, Sequence[Finding]]) -> list[dict[str, Any]]:
    """The report's lines, and one for each finding on a line that the report does not hold."""
    told = {line["id"]: {**LINE, "statement": line["id"], **line} for line in report["requirements"]}
    for found in by_sale.values():
        for finding in found:
            name = finding["requirement"]
            given = {key: finding[key] for key in ("level", "severity") if finding.get(key)}
            told.setdefault(name, {**LINE, "id": name, "statement": finding["expected"], **given})
    return list(told.values())


def _of_load(card: Card, report: Report, load: LoadRun) -> Card:
    return replace(
        card,
        scenario=f"{load.name}: {load.question}" if load.question else load.name,
        command=command(report, load),
        also=tuple(Place("Sale" if place.sale else "The run as a whole", place.sale) for place in card.also),
    )
