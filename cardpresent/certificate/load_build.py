"""report.json of a load run: what was measured and what the books say, in the frame that every report has."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from cardpresent.certificate.report import Report, Run, build_report
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Exit, ScenarioOutcome, worst
from cardpresent.model.requirement import Register

# So many findings of one check on one line are written out; the rest is counted.
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class LoadTold:
    """`run` as of every report; `question` and `id` of the profile; `load` as the report's own table of that name."""

    run: Run
    id: str
    question: str
    journal: tuple[int, int]
    duration_ms: float
    findings: Sequence[Finding]
    load: Mapping[str, Any]
    staged: Sequence[str] = ()


def build_load_report(told: LoadTold, register: Register, clean: Callable[[Any], Any]) -> Report:
    """The whole report. A goal that was missed in a run that came to its end refuses the till as a line of the register
    does; of one that was cut short it can be said no more than that it was missed so far."""
    shown, left_out = _shown(told.findings)
    lines = {finding.requirement for finding in told.findings}
    concerned = replace(
        register, requirements={name: register[name] for name in register.requirements if name in lines}
    )
    record = _record(told, shown, register)
    report = build_report(told.run, concerned, [record], clean)
    load = {**told.load, "findings_left_out": left_out}
    report |= {"kind": "load", "load": clean(load)}
    if report["verdict"] == "certified" and not told.findings:
        # No line of the register was spoken of, so none was left undecided either: nothing was seen.
        report["verdict"], report["exit_code"] = "incomplete", int(Exit.INCOMPLETE)
    missed = [goal for goal in load["goals"] if goal["holds"] is False]
    if missed and not told.run.faults:
        report["verdict"], report["exit_code"] = "refused", int(Exit.REFUSED)
        report["scenarios"][0]["outcome"] = ScenarioOutcome.FAILED.value
        report["counts"] = {outcome: int(outcome == ScenarioOutcome.FAILED.value) for outcome in report["counts"]}
    return report


def _record(told: LoadTold, shown: Iterable[Finding], register: Register) -> dict[str, Any]:
    stimulus = ["injected"] if told.staged else ["emulated"]
    return {
        "id": told.id, "title": told.question, "feature": "Load", "chapter": "load", "shop": "main",
        "outcome": _outcome(told.findings, register).value,
        "requirements": sorted({finding.requirement for finding in told.findings}), "attempts": 1,
        "duration_ms": told.duration_ms, "findings": [_finding(one, register, stimulus) for one in shown],
        "reason": None, "party": None, "steps": [], "journal": list(told.journal), "log": [],
        "supplementary": False, "staged": list(told.staged), "replay": None, "by": "machine",
    }  # fmt: skip


def _outcome(findings: Sequence[Finding], register: Register) -> ScenarioOutcome:
    """The worst of everything that was seen; nothing seen is no pass."""
    seen = {ScenarioOutcome.PASSED if f.holds else _red(f, register) for f in findings}
    return worst(list(seen)) if seen else ScenarioOutcome.INCONCLUSIVE


def _red(finding: Finding, register: Register) -> ScenarioOutcome:
    if finding.holds is None:
        return ScenarioOutcome.INCONCLUSIVE
    return ScenarioOutcome.FAILED if register[finding.requirement].level == "must" else ScenarioOutcome.WARNING


def _finding(finding: Finding, register: Register, stimulus: Sequence[str]) -> dict[str, Any]:
    line = register[finding.requirement]
    return {
        **asdict(finding), "evidence": list(finding.evidence), "severity": line.severity, "level": line.level,
        "stimulus": list(stimulus),
    }  # fmt: skip


def _shown(findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """What is written out: of each check and line the first that hold not, and one that holds; how many are left."""
    kept: list[Finding] = []
    seen: Counter[tuple[str, str, bool | None]] = Counter()
    left_out = 0
    for finding in findings:
        key = (finding.check, finding.requirement, finding.holds)
        seen[key] += 1
        if seen[key] <= (1 if finding.holds else SHOWN):
            kept.append(finding)
        elif not finding.holds:
            left_out += 1
    return sorted(kept, key=lambda finding: finding.holds is True), left_out
