"""The certificate as programs read it: certificate.json, and junit.xml for a build server."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from cardpresent.certificate.exchange import JOURNAL
from cardpresent.certificate.report import NAME as REPORT
from cardpresent.certificate.report import read_report, write_whole
from cardpresent.certificate.wording import VENUES

CERTIFICATE: Final = "certificate.json"
JUNIT: Final = "junit.xml"
NOT_CLAIMED: Final = (
    "issued by whoever ran it: not by Stripe, not for Stripe",
    "no statement about PCI or EMV approval",
    "no statement about lines listed as untested",
)
# XML 1.0 has no way at all to write these, escaped or not.
NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ERRORS: Final = ("harness_error", "config_error", "inconclusive")
PASSES: Final = ("passed", "warning", "attested")

Report = Mapping[str, Any]


def write_certificate(out: Path) -> Path:
    """Write `out`/certificate.json: verdict, claims, counts, outcomes, and the digests of what it was made from."""
    return write_whole(out / CERTIFICATE, _json(certificate(read_report(out), out)))


def certificate(report: Report, out: Path) -> dict[str, Any]:
    """The machine's view of one report. The digests are sha256, in hex; the journal's is None where it is missing."""
    till = report["till"]
    return {
        "schema": report["schema"],
        "verdict": report["verdict"],
        "exit_code": report["exit_code"],
        "run": report["run"],
        "date": report["date"],
        "venue": report["venue"],
        "seed": report["seed"],
        "claims": {
            "till": till.get("name"),
            "build": till.get("build"),
            "build_declared_by": "its owner",
            "musts_met": report["musts"]["met"],
            "musts_applicable": report["musts"]["applicable"],
            "musts_untested": report["musts"]["counts"]["untested"],
            "musts_waived": report["musts"]["counts"]["waived"],
            "register_revision": report["register_revision"],
            "venue": VENUES.get(report["venue"], report["venue"]),
        },
        "not_claimed": list(NOT_CLAIMED),
        "counts": report["counts"],
        "requirement_counts": report["requirement_counts"],
        "requirements": [
            {key: line[key] for key in ("id", "level", "severity", "outcome", "reason", "judged_by")}
            for line in report["requirements"]
        ],
        "supplementary": [
            {key: line[key] for key in ("id", "level", "outcome", "reason")} for line in report["supplementary"]
        ],
        "waivers": report["waivers"],
        "versions": report["versions"],
        "reliance": report["reliance"],
        "report": {"file": REPORT, "sha256": _digest(out / REPORT)},
        "journal": {"file": JOURNAL, "sha256": _digest(out / JOURNAL)},
    }


def write_junit(out: Path) -> Path:
    """Write `out`/junit.xml anew from the report."""
    return save_junit(junit(read_report(out)), out)


def save_junit(tree: ElementTree.Element, out: Path) -> Path:
    """Write `out`/junit.xml whole."""
    ElementTree.indent(tree)
    text = ElementTree.tostring(tree, encoding="unicode")
    return write_whole(out / JUNIT, f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n')


def junit(report: Report) -> ElementTree.Element:
    """One suite for each feature, one case for each scenario.

    A breach of a must is a failure; a fault of suite or configuration, and an undecided scenario, an error; what did
    nothing, and what is waived, is skipped with its reason, so no build server counts it as a pass. A supplementary
    scenario is never red.
    """
    root = ElementTree.Element("testsuites", name=xml_text(f"cardpresent: {report['till'].get('name') or 'till'}"))
    suites: dict[str, list[Report]] = {}
    for scenario in report["scenarios"]:
        suites.setdefault(str(scenario.get("feature") or "features"), []).append(scenario)
    for feature, scenarios in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", name=xml_text(feature))
        for scenario in scenarios:
            _case(suite, feature, scenario)
        _total(suite, scenarios)
    _total(root, report["scenarios"])
    return root


def _case(suite: ElementTree.Element, feature: str, scenario: Report) -> None:
    seconds = f"{float(scenario.get('duration_ms') or 0) / 1000:.3f}"
    case = ElementTree.SubElement(
        suite, "testcase", classname=xml_text(feature), name=xml_text(scenario["title"]), time=seconds
    )
    properties = ElementTree.SubElement(case, "properties")
    told = [("outcome", scenario["outcome"]), *(("requirement", tag) for tag in scenario["requirements"])]
    for name, value in told:
        ElementTree.SubElement(properties, "property", name=name, value=xml_text(str(value)))
    kind = _kind(scenario)
    if kind is None:
        return
    findings = [f for f in scenario["findings"] if f["holds"] is False]
    lines = [f"{f['requirement']}: expected {f['expected']}, observed {f['observed']}" for f in findings]
    message = (lines[0] if kind == "failure" and lines else scenario.get("reason")) or scenario["outcome"]
    if scenario.get("supplementary"):
        message = f"supplementary, counts for nothing: {message}"
    element = ElementTree.SubElement(case, kind, message=xml_text(str(message)))
    if kind != "skipped":
        element.set("type", scenario["outcome"])
        element.text = xml_text("\n".join(lines) or str(message))


def _kind(scenario: Report) -> str | None:
    outcome = scenario["outcome"]
    if outcome in PASSES:
        return None
    if scenario.get("supplementary"):
        return "skipped"
    return "failure" if outcome == "failed" else "error" if outcome in ERRORS else "skipped"


def _total(element: ElementTree.Element, scenarios: list[Report]) -> None:
    kinds = [_kind(scenario) for scenario in scenarios]
    element.set("tests", str(len(scenarios)))
    element.set("failures", str(kinds.count("failure")))
    element.set("errors", str(kinds.count("error")))
    element.set("skipped", str(kinds.count("skipped")))
    element.set("time", f"{sum(float(s.get('duration_ms') or 0) for s in scenarios) / 1000:.3f}")


def xml_text(text: str) -> str:
    """Text as XML can hold it: what it cannot write at all becomes a visible mark."""
    return NO_XML.sub("\ufffd", text)


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
