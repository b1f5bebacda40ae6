"""A load run for a build server: one case for the money, one for each goal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from cardpresent.certificate.load_cards import breaches, findings
from cardpresent.certificate.load_measures import kind_of, pair
from cardpresent.certificate.load_report import Goal, LoadRun
from cardpresent.certificate.load_words import reasons, turn
from cardpresent.certificate.machine import ERRORS, xml_text
from cardpresent.certificate.page import printable

MONEY: Final = "Every sale at the till agrees with its charges at Stripe, to the cent"
KINDS: Final = ("failure", "error", "skipped")

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `kind` is None for one that passed."""

    name: str
    kind: str | None = None
    message: str = ""
    lines: tuple[str, ...] = ()


def junit(report: Report, load: LoadRun) -> ElementTree.Element:
    """A breach and a missed goal are failures. What could not be judged is an error, and a goal that was held only as
    far as a run went that was cut short is skipped: neither passes for something that was seen."""
    till = str((report.get("till") or {}).get("name") or "till")
    cases = [_money(report, load), *(_goal(report, load, goal) for goal in load.goals)]
    root = ElementTree.Element("testsuites", name=_xml(f"cardpresent load: {till}"))
    suite = ElementTree.SubElement(root, "testsuite", name=_xml(f"load {load.name}"))
    for case in cases:
        element = ElementTree.SubElement(
            suite, "testcase", classname=_xml(f"load.{load.name}"), name=_xml(case.name), time=f"{load.duration_s:.3f}"
        )
        if case.kind is not None:
            told = ElementTree.SubElement(element, case.kind, message=_xml(case.message))
            if case.kind != "skipped":
                told.set("type", {"failure": "failed", "error": "inconclusive"}[case.kind])
                told.text = _xml("\n".join(case.lines or (case.message,)))
    for each in (suite, root):
        each.set("tests", str(len(cases)))
        for kind, name in zip(KINDS, ("failures", "errors", "skipped"), strict=True):
            each.set(name, str([case.kind for case in cases].count(kind)))
        each.set("time", f"{load.duration_s:.3f}")
    return root


def _money(report: Report, load: LoadRun) -> Case:
    if lines := tuple(_broken(report)):
        more = (f"and {load.left_out} more of the same kinds",) if load.left_out else ()
        return Case(MONEY, "failure", lines[0], lines + more)
    if lines := tuple(_undecided(report)):
        return Case(MONEY, "error", lines[0], lines)
    if report["verdict"] == "incomplete":
        lines = tuple(reasons(report, load)) or (turn(report, load),)
        return Case(MONEY, "error", lines[0], lines)
    return Case(MONEY)


def _broken(report: Report) -> Iterator[str]:
    for finding in breaches(report):
        about = f", sale {finding['sale']}" if finding.get("sale") else ""
        yield f"{finding['requirement']}: expected {finding['expected']}, observed {finding['observed']}{about}"


def _undecided(report: Report) -> Iterator[str]:
    for finding in [*findings(report, None), *(f for f in findings(report) if f["party"] != "product")]:
        yield f"{finding['requirement']}: {finding['observed']}"
    for scenario in report["scenarios"]:
        if scenario.get("outcome") in ERRORS:
            yield str(scenario.get("reason") or f"{scenario['id']} ended {scenario['outcome']}")


def _goal(report: Report, load: LoadRun, goal: Goal) -> Case:
    kind = kind_of(goal.name)
    asked, measured = pair(goal.goal, goal.measured, kind.unit)
    name = f"{kind.label}: {'at least' if kind.least else 'at most'} {asked}"
    if goal.holds is None:
        return Case(name, "error", "there was nothing to measure it by")
    if not goal.holds:
        return Case(name, "failure", f"measured {measured}")
    if report["verdict"] == "incomplete" or load.cut_short:
        return Case(name, "skipped", f"held at {measured} as far as the run went, which was not to its end")
    return Case(name)


def _xml(text: str) -> str:
    return xml_text(str(printable(text)))
