"""report.json: the one raw report of a run, from which, with the journal, every other view is made."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.certificate.report_shape import check_shape
from cardpresent.certificate.requirements import (
    Answers,
    Attestation,
    Judged,
    Record,
    judge,
    judge_supplementary,
)
from cardpresent.certificate.tries import Earlier, with_tries
from cardpresent.certificate.verdict import EXECUTED, decide
from cardpresent.certificate.waiving import problems, set_aside, states
from cardpresent.model.capability import Capability
from cardpresent.model.outcome import WORST_FIRST, Exit, Party, ScenarioOutcome, worst
from cardpresent.model.requirement import Register
from cardpresent.profile.waivers import Waiver

NAME: Final = "report.json"
SCHEMA: Final = 1
KEPT_OF_A_ROW: Final = ("attempt", "shop", "outcome", "reason", "steps", "journal", "log", "duration_ms")
MET: Final = (ScenarioOutcome.PASSED, ScenarioOutcome.ATTESTED)
# Somebody or something saw what the till does.
SEEN: Final = EXECUTED | {ScenarioOutcome.ATTESTED}
Report = dict[str, Any]


class ReportError(ValueError):
    """report.json cannot be used. The message names the file, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What stopped or marred the run as a whole, and whose it is."""

    party: Party
    problem: str


@dataclass(frozen=True, slots=True)
class Run:
    """All that a report says of a run beside its scenarios.

    `till`: name, build, kind, country, capture. `versions`: cardpresent, stripe, python, commit, suite_version.
    `reliance`: redirection, books_or_word {"books": n, "word": n}, fidelity {documented, observed, assumed}, staged [].
    `timing`: wall_s and what else was measured, in seconds. `integration`: the file as it was typed, None for the
    reference POS. `selected`: the ids a narrowed run was asked for. `suite_scenarios`: how many the suite holds.
    `foreign`: objects of others that were seen in a shared account and left alone, {kind: number}; None where the
    account was the run's own. `rerun_of`: {run, date, verdict, sha256} of the report whose scenarios are run again, and
    `earlier` the attempts they had, by their ids.
    """

    id: str
    venue: str
    seed: str
    till: Mapping[str, Any]
    answers: Answers
    capabilities: Mapping[str, Capability]
    versions: Mapping[str, Any]
    reliance: Mapping[str, Any]
    timing: Mapping[str, Any]
    today: date
    integration: str | None = None
    selected: Sequence[str] | None = None
    waivers: Sequence[Waiver] = ()
    attestations: Sequence[Attestation] = ()
    faults: Sequence[Fault] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    foreign: Mapping[str, int] | None = None
    rerun_of: Mapping[str, Any] | None = None
    earlier: Earlier = field(default_factory=dict)


def build_report(
    run: Run,
    register: Register,
    records: Iterable[Record],
    clean: Callable[[Any], Any] = lambda said: said,
) -> Report:
    """The whole report as a dict that JSON can hold. `clean` removes what must not be written, last of all."""
    about = {"run": run.id, "date": run.today.isoformat(), "venue": run.venue, "build": run.till.get("build") or None,
             "seed": run.seed}  # fmt: skip
    scenarios = with_tries(merge_rows(records), run.earlier, about)
    judged = judge(
        register,
        run.answers,
        run.capabilities,
        scenarios,
        selected=run.selected,
        waivers=run.waivers,
        attestations=run.attestations,
        venue=run.venue,
        today=run.today,
    )
    waivers = states(run.waivers, judged, run.venue, run.today)
    faults = [*run.faults, *_unexplained(register, scenarios)]
    faults += [Fault("configuration", problem) for problem in problems(waivers)]
    scenarios = set_aside(scenarios, judged)
    counted = [ScenarioOutcome(s["outcome"]) for s in scenarios if not s.get("supplementary")]
    verdict, code = decide(
        [line.outcome for line in judged if line.level == "must" and line.outcome != ScenarioOutcome.NOT_APPLICABLE],
        counted,
        harness_fault=any(fault.party == "harness" for fault in faults),
        configuration_fault=any(fault.party == "configuration" for fault in faults),
        cut_short=run.selected is not None or any(fault.party in ("environment", "product") for fault in faults),
    )
    report: Report = {
        "schema": SCHEMA,
        "run": run.id,
        "date": run.today.isoformat(),
        "verdict": verdict,
        "exit_code": int(code),
        "venue": run.venue,
        "seed": run.seed,
        "integration": run.integration,
        "rerun_of": dict(run.rerun_of) if run.rerun_of else None,
        "selected": None if run.selected is None else list(run.selected),
        "till": dict(run.till),
        "profile": {**_jsonable(run.answers), "capabilities": _capabilities(run.capabilities)},
        "register_revision": register.revision,
        "versions": dict(run.versions),
        "reliance": dict(run.reliance),
        "faults": [{"party": fault.party, "problem": fault.problem} for fault in faults],
        "counts": _counts(counted),
        "attempts": sum(int(s.get("attempts", 1)) for s in scenarios if not s.get("supplementary")),
        "requirement_counts": _counts([line.outcome for line in judged]),
        "musts": _tally(judged, "must"),
        "shoulds": _tally(judged, "should"),
        "requirements": [_line(register, line, _judged_by(line, scenarios)) for line in judged],
        "not_applicable": [
            {"id": line.id, "reason": line.reason} for line in judged if line.outcome == ScenarioOutcome.NOT_APPLICABLE
        ],
        "scenarios": [_scenario(register, scenario) for scenario in scenarios],
        "supplementary": [_line(register, line) for line in judge_supplementary(register, scenarios)],
        "waivers": waivers,
        "attestations": [
            {
                "requirement": a.requirement, "statement": a.statement, "by": a.by, "evidence": a.evidence,
                "on": a.on and a.on.isoformat(), "until": a.until and a.until.isoformat(), "sha256": a.sha256,
                "seen_at_stripe": a.seen_at_stripe,
            }
            for a in run.attestations
        ],
        "foreign": None if run.foreign is None else dict(run.foreign),
        "evidence": dict(run.evidence),
        "timing": dict(run.timing),
    }
    cleaned: Report = clean(report)
    return cleaned


def _unexplained(register: Register, scenarios: Iterable[Record]) -> Iterator[Fault]:
    """Red that no line of the register would show: a fault of the suite, lest the run pass for it."""
    for scenario in scenarios:
        broken = [finding for finding in scenario["findings"] if finding["holds"] is False]
        for name in {finding["requirement"] for finding in broken} - set(register.requirements):
            yield Fault("harness", f"{scenario['id']}: a finding names {name}, which the register does not hold")
        if scenario["outcome"] == ScenarioOutcome.FAILED and not broken:
            yield Fault("harness", f"{scenario['id']}: ended failed, and no finding says on what")


def merge_rows(records: Iterable[Record]) -> list[dict[str, Any]]:
    """One record per scenario id: the rows of an outline become one, worst outcome, all findings.

    A merged record keeps its rows, and each finding the number of the row it was made in, counted from 0.
    """
    rows: dict[str, list[Record]] = {}
    for record in records:
        rows.setdefault(record["id"], []).append(record)
    return [dict(same[0]) if len(same) == 1 else _merged(same) for same in rows.values()]


def _merged(rows: Sequence[Record]) -> dict[str, Any]:
    outcome = worst([ScenarioOutcome(row["outcome"]) for row in rows])
    worst_row = next(row for row in rows if row["outcome"] == outcome)
    spans = [row["journal"] for row in rows if row.get("journal")]
    return {
        **worst_row,
        "outcome": outcome.value,
        "requirements": list(dict.fromkeys(tag for row in rows for tag in row["requirements"])),
        "attempts": max(int(row.get("attempts", 1)) for row in rows),
        "duration_ms": sum(float(row.get("duration_ms", 0)) for row in rows),
        "findings": [{**finding, "row": k} for k, row in enumerate(rows) for finding in row["findings"]],
        "journal": [min(span[0] for span in spans), max(span[1] for span in spans)] if spans else None,
        "log": [line for row in rows for line in row.get("log", ())],
        "staged": list(dict.fromkeys(what for row in rows for what in row.get("staged", ()))),
        "supplementary": all(row.get("supplementary") for row in rows),
        "rows": [
            {key: row.get(key) for key in KEPT_OF_A_ROW}
            for row in rows
        ],
    }


def write_report(out: Path, report: Report) -> Path:
    """Write `out`/report.json whole or not at all, and give its path."""
    return write_whole(out / NAME, json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def write_whole(path: Path, text: str) -> Path:
    """A reader sees the old file or the new one, never half of either, whatever happens to this process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        # A till's bytes may have become lone surrogates; as \\udc80 they stay valid JSON and do not stop a report.
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def read_report(out: Path) -> Report:
    """The report of a run's folder, or that file itself.

    Raises ReportError for one that is missing, broken or of another schema.
    """
    path = out if out.is_file() else out / NAME
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{path}: not found; give the folder a run wrote into with --out") from None
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ReportError(f"{path}: not valid JSON ({error}); it was changed after the run, run it again") from None
    except RecursionError:
        raise ReportError(f"{path}: nests too deep for a report; it was changed after the run, run it again") from None
    if not isinstance(report, dict):
        raise ReportError(f"{path}: holds no report; give the folder a run wrote into with --out")
    if report.get("schema") != SCHEMA:
        written = report.get("schema")
        raise ReportError(f"{path}: schema is {written!r}, this version reads {SCHEMA}; use the one that wrote it")
    for key in ("verdict", "exit_code", "counts", "requirements", "scenarios", "till", "musts"):
        if key not in report:
            raise ReportError(f"{path}: key {key} is missing; the file was changed after the run, run it again")
    if report["verdict"] not in ("certified", "refused", "incomplete") or report["exit_code"] not in tuple(Exit):
        raise ReportError(f"{path}: verdict {report['verdict']!r}, exit code {report['exit_code']!r}: none of ours")
    try:
        check_shape(report)
    except msgspec.ValidationError as error:
        raise ReportError(f"{path}: {error}; it was changed after the run, run it again") from None
    return report


def _counts(outcomes: Sequence[ScenarioOutcome]) -> dict[str, int]:
    found = Counter(outcomes)
    return {outcome.value: found[outcome] for outcome in WORST_FIRST}


def _tally(judged: Sequence[Judged], level: str) -> dict[str, Any]:
    """`applicable` lines of one level, how many of them are `met` (passed or attested), and each outcome's count."""
    outcomes = [line.outcome for line in judged if line.level == level]
    applicable = [outcome for outcome in outcomes if outcome != ScenarioOutcome.NOT_APPLICABLE]
    return {
        "applicable": len(applicable),
        "met": sum(outcome in MET for outcome in applicable),
        "counts": _counts(outcomes),
    }


def _judged_by(line: Judged, scenarios: Iterable[Record]) -> list[str]:
    """Whose eyes the line's outcome rests on: a machine's, a person's, both, or nobody's."""
    by = {s.get("by", "machine") for s in scenarios if s["id"] in line.scenarios and s["outcome"] in SEEN}
    return sorted(by)


def _line(register: Register, line: Judged, judged_by: Sequence[str] = ()) -> dict[str, Any]:
    requirement = register[line.id]
    return {
        "id": line.id,
        "level": line.level,
        "severity": requirement.severity,
        "outcome": line.outcome.value,
        "reason": line.reason,
        "statement": requirement.statement,
        "source": requirement.source,
        "known": requirement.known,
        "usual_fix": requirement.usual_fix,
        "scenarios": list(line.scenarios),
        "judged_by": list(judged_by),
    }


def _scenario(register: Register, record: Mapping[str, Any]) -> dict[str, Any]:
    findings = []
    for finding in record["findings"]:
        named = register.requirements.get(finding["requirement"])
        levels = {"level": named.level, "severity": named.severity} if named else {}
        findings.append({**finding, **levels})
    return {**record, "findings": findings}


def _capabilities(capabilities: Mapping[str, Capability]) -> dict[str, dict[str, str | None]]:
    return {name: {"state": c.state, "reason": c.reason} for name, c in capabilities.items()}


def _jsonable(answers: Answers) -> dict[str, Any]:
    return {key: value if isinstance(value, str | bool) else list(value) for key, value in answers.items()}
