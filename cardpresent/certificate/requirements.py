"""From scenarios and findings to one outcome per line of the register.

A scenario's tags only plan; what turns a line red is a finding that names it. So a scenario that broke FD-26 says
nothing about the EX-05 it is also tagged with: that line was not shown, which is `inconclusive`, never `passed`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

from cardpresent.model.capability import Capability
from cardpresent.model.outcome import ScenarioOutcome, worst
from cardpresent.model.requirement import Level, Register, Requirement
from cardpresent.profile.waivers import Waiver

Record = Mapping[str, Any]
Answers = Mapping[str, str | bool | Sequence[str]]

# A finding of a scenario that ended like this is as doubtful as the scenario: it turns nothing red.
DOUBTFUL: Final = (ScenarioOutcome.HARNESS_ERROR, ScenarioOutcome.CONFIG_ERROR, ScenarioOutcome.INCONCLUSIVE)
AT_FAULT: Final = {
    "harness": ScenarioOutcome.HARNESS_ERROR,
    "configuration": ScenarioOutcome.CONFIG_ERROR,
    "environment": ScenarioOutcome.INCONCLUSIVE,
}
# What an owner may accept with open eyes. Doubt about the run itself is nobody's to waive.
WAIVABLE: Final = (ScenarioOutcome.FAILED, ScenarioOutcome.WARNING, ScenarioOutcome.NOT_DEMONSTRATED)


class Said(NamedTuple):
    """What one scenario says of a line. `cut_by`: the lines whose breach ended it before this one was shown."""

    outcome: ScenarioOutcome
    reason: str | None
    cut_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attestation:
    """One line that no suite can see, on the owner's word.

    `evidence`: the file that shows it, `sha256` of its bytes; `seen_at_stripe`: what the run saw of it itself.
    """

    requirement: str
    statement: str
    by: str
    evidence: str | None = None
    on: date | None = None
    until: date | None = None
    sha256: str | None = None
    seen_at_stripe: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one requirement, why, and the ids of the scenarios that had a say.

    `cut_by`: the lines without whose breach it would have been decided.
    """

    id: str
    level: Level
    outcome: ScenarioOutcome
    reason: str | None
    scenarios: tuple[str, ...] = ()
    cut_by: tuple[str, ...] = ()


def judge(
    register: Register,
    answers: Answers,
    capabilities: Mapping[str, Capability],
    records: Sequence[Record],
    *,
    selected: Collection[str] | None = None,
    waivers: Iterable[Waiver] = (),
    attestations: Iterable[Attestation] = (),
    venue: str = "emulator",
    today: date | None = None,
) -> list[Judged]:
    """Every line of the register in its order.

    `records` are scenario records with the rows of an outline already merged; supplementary ones are left out, as are
    supplementary findings. `selected` are the requirement ids of a run narrowed by --select, None when it was not.
    A waiver counts only with `today`, only up to its date, and only in its venue.
    """
    known = [record for record in records if not record.get("supplementary")]
    in_force = {waiver.requirement: waiver for waiver in waivers if waiver.counts(venue, today)}
    attested = {a.requirement: a for a in attestations}
    judged = []
    for requirement in register:
        reason = not_applicable(requirement, answers, capabilities)
        broken = any(_breaches(register, requirement, known))
        # A breach seen is not argued away by an answer that says it could not happen.
        if reason and not broken:
            judged.append(Judged(requirement.id, requirement.level, ScenarioOutcome.NOT_APPLICABLE, reason))
            continue
        line = _judge_one(register, requirement, capabilities, known, selected)
        judged.append(_on_the_owners_account(line, in_force, attested.get(line.id)))
    return judged


def judge_supplementary(register: Register, records: Sequence[Record]) -> list[Judged]:
    """The lines that findings on a named extension speak of. They are shown, and count for nothing."""
    blocks: dict[str, list[tuple[str, Said]]] = {}
    for record in records:
        for finding in record["findings"]:
            if record.get("supplementary") or finding.get("supplementary"):
                said = _said_by(register, record, finding)
                blocks.setdefault(finding["requirement"], []).append((record["id"], said))
        if record.get("supplementary"):
            for tag in record["requirements"]:
                if not any(finding["requirement"] == tag for finding in record["findings"]):
                    blocks.setdefault(tag, []).append((record["id"], _outcome_of(record)))
    return [
        _judged(register[identifier], said_of, None)
        for identifier, said_of in blocks.items()
        if identifier in register
    ]


def not_applicable(requirement: Requirement, answers: Answers, capabilities: Mapping[str, Capability]) -> str | None:
    """Why the profile sets a line aside, naming the answer; None where the line applies.

    A question the profile leaves open sets nothing aside.
    """
    for question, wanted in requirement.applies.items():
        if question == "capability":
            for name in wanted:
                capability = capabilities.get(name)
                if capability and capability.state == "not_applicable":
                    return f"{name} is not applicable: {capability.reason or 'no reason given'}"
        elif (given := _as_words(answers.get(question))) and not set(given) & set(wanted):
            return f"{question} = {', '.join(given)}"
    return None


def _judge_one(
    register: Register,
    requirement: Requirement,
    capabilities: Mapping[str, Capability],
    records: Sequence[Record],
    selected: Collection[str] | None,
) -> Judged:
    said = [*_breaches(register, requirement, records), *_unsteady(requirement, records)]
    if not said and selected is not None and requirement.id not in selected:
        return _judged(requirement, [], Said(ScenarioOutcome.NOT_RUN, "not selected for this run"))
    if requirement.untested:
        return _judged(requirement, said, Said(ScenarioOutcome.UNTESTED, requirement.untested))
    said += [
        (record["id"], shown)
        for record in records
        if requirement.id in record["requirements"] and (shown := _shown(register, requirement, record))
    ]
    if said:
        return _judged(requirement, said, None)
    lacking = [
        name for name in requirement.applies.get("capability", ()) if capabilities.get(name, _ABSENT).state == "absent"
    ]
    if lacking:
        reason = f"needs {', '.join(lacking)}, which the integration file does not offer"
        return _judged(requirement, [], Said(ScenarioOutcome.NOT_DEMONSTRATED, reason))
    return _judged(requirement, [], Said(ScenarioOutcome.NOT_RUN, "no scenario of this run decides it"))


_ABSENT: Final = Capability("absent")


def _breaches(register: Register, requirement: Requirement, records: Iterable[Record]) -> Iterator[tuple[str, Said]]:
    """Findings against this line, in whichever scenario they were made."""
    for record in records:
        for finding in _counting(record):
            if finding["requirement"] == requirement.id and finding["holds"] is False:
                yield record["id"], _said_by(register, record, finding)


def _unsteady(requirement: Requirement, records: Iterable[Record]) -> Iterator[tuple[str, Said]]:
    """Scenarios that show this line now, and showed it broken when they were put to the same build before."""
    for record in records:
        if requirement.id in record.get("unsteady", ()):
            yield record["id"], Said(ScenarioOutcome.WARNING, record.get("reason"))


def _shown(register: Register, requirement: Requirement, record: Record) -> Said | None:
    """What one scenario tagged with this line says of it; None where it says nothing, or a breach says it already."""
    outcome, reason, _ = _outcome_of(record)
    if record.get("unsteady"):
        outcome, reason = ScenarioOutcome.PASSED, None
    own = [finding["holds"] for finding in _counting(record) if finding["requirement"] == requirement.id]
    if False in own:
        return None
    if outcome not in (ScenarioOutcome.PASSED, ScenarioOutcome.FAILED, ScenarioOutcome.WARNING):
        return Said(outcome, reason)
    if None in own:
        undecided = next(
            f["observed"] for f in _counting(record) if f["requirement"] == requirement.id and f["holds"] is None
        )
        return Said(ScenarioOutcome.INCONCLUSIVE, undecided)
    if outcome == ScenarioOutcome.PASSED or own:
        return Said(ScenarioOutcome.PASSED, None)
    return _cut_short(register, record, outcome)


def _cut_short(register: Register, record: Record, outcome: ScenarioOutcome) -> Said | None:
    """What a scenario that ended on somebody else's finding leaves of a line it is only tagged with."""
    broken = [finding for finding in record["findings"] if finding["holds"] is False]
    counting = [f["requirement"] for f in broken if not f.get("supplementary")]
    if unknown := [name for name in counting if name not in register]:
        return Said(ScenarioOutcome.HARNESS_ERROR, f"a finding names {unknown[0]}, which the register does not hold")
    if not broken:
        return Said(ScenarioOutcome.HARNESS_ERROR, f"the scenario ended {outcome}, and no finding says on what")
    if not counting:
        return None
    steps = record.get("steps") or ()
    if outcome == ScenarioOutcome.WARNING and steps and all(step["status"] == "passed" for step in steps):
        return Said(ScenarioOutcome.PASSED, None)
    causes = tuple(dict.fromkeys(counting))
    reason = f"its scenario ended on {', '.join(causes)} before it was shown"
    return Said(ScenarioOutcome.INCONCLUSIVE, reason, causes)


def _said_by(register: Register, record: Record, finding: Record) -> Said:
    outcome, reason, _ = _outcome_of(record)
    if outcome in DOUBTFUL:
        return Said(outcome, reason)
    if finding["holds"] is None:
        return Said(ScenarioOutcome.INCONCLUSIVE, finding["observed"])
    if finding["holds"]:
        return Said(ScenarioOutcome.PASSED, None)
    sentence = finding.get("headline") or f"expected {finding['expected']}, observed {finding['observed']}"
    if finding["party"] != "product":
        return Said(AT_FAULT[finding["party"]], sentence)
    must = finding["requirement"] not in register or register[finding["requirement"]].level == "must"
    return Said(ScenarioOutcome.FAILED if must else ScenarioOutcome.WARNING, sentence)


def _judged(requirement: Requirement, said: Sequence[tuple[str, Said]], otherwise: Said | None) -> Judged:
    each = [one for _, one in said]
    told = _worst(each) if said else (otherwise or Said(ScenarioOutcome.NOT_RUN, None))
    as_bad = [one.cut_by for one in each if one.outcome == told.outcome]
    cut_by = tuple(dict.fromkeys(name for names in as_bad for name in names)) if all(as_bad) else ()
    return Judged(requirement.id, requirement.level, told.outcome, told.reason, _ids(said), cut_by)


def _on_the_owners_account(line: Judged, in_force: Mapping[str, Waiver], attestation: Attestation | None) -> Judged:
    """What the owner's word and the owner's waivers make of a line.

    A line that another one's waived breach kept from being shown is no doubt about the run: it takes a waiver of its
    own, so that somebody answers for it, too.
    """
    if attestation and line.outcome == ScenarioOutcome.UNTESTED:
        return replace(line, outcome=ScenarioOutcome.ATTESTED, reason=attestation.statement)
    waiver = in_force.get(line.id)
    hidden = bool(line.cut_by) and all(name in in_force for name in line.cut_by)
    if waiver and (line.outcome in WAIVABLE or hidden):
        return replace(line, outcome=ScenarioOutcome.WAIVED, reason=waiver.reason)
    if hidden:
        return replace(line, reason=f"{line.reason}; that is waived, and this line is not")
    return line


def _counting(record: Record) -> Iterator[Record]:
    return (finding for finding in record["findings"] if not finding.get("supplementary"))


def _outcome_of(record: Record) -> Said:
    return Said(ScenarioOutcome(record["outcome"]), record.get("reason"))


def _worst(said: Sequence[Said]) -> Said:
    outcome = worst([each.outcome for each in said])
    return next(each for each in said if each.outcome == outcome)


def _ids(said: Iterable[tuple[str, Said]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scenario for scenario, _ in said))


def _as_words(answer: str | bool | Sequence[str] | None) -> tuple[str, ...]:
    if answer is None:
        return ()
    if isinstance(answer, bool):
        return ("yes",) if answer else ("no",)
    return (answer,) if isinstance(answer, str) else tuple(answer)
