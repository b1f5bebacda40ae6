"""Are the checks themselves needed? Each is removed, then turned round, and what was saved is judged once more.

Nothing is driven: a check is a pure function of the journal, so what a trial left is enough. A check whose removal lets
every defect be killed all the same is not proven by any, and one that may say the opposite unnoticed proves nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cardpresent.checks.catalogue import checks, judged_again
from cardpresent.evidence.journal import Journal
from cardpresent.prove.defect import DefectError, Seeded
from cardpresent.prove.trial import KEPT, is_foretold

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """What one trial left, judged again: every finding with the check that made it and the scenario it was made in."""

    seeded: Seeded
    found: tuple[Answer, ...]
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mutated:
    """What became of the proof without one check, or with its answers turned round.

    `rests`: defects killed by it. `survive`: those no longer killed for their reason without it. `unseen`: those of
    them that nothing else in their scenarios turns red. `alarmed`: harmless variants refused when it says the opposite.
    """

    check: str
    rests: tuple[str, ...] = field(default=())
    survive: tuple[str, ...] = field(default=())
    unseen: tuple[str, ...] = field(default=())
    alarmed: tuple[str, ...] = field(default=())

    @property
    def needed(self) -> bool:
        return bool(self.survive)


def load(seeded: Iterable[Seeded], kept: Path) -> Iterator[Saved]:
    """Read and judge again what the trials left below `kept`. Raises DefectError where a defect left nothing.

    A harmless variant that was not tried, as in a quick proof, has nothing to say.
    """
    for one in seeded:
        if one.kind == "benign" and not (kept / one.id).is_dir():
            continue
        report, journal = (kept / one.id / name for name in KEPT)
        if not report.is_file() or not journal.is_file():
            raise DefectError(f"{kept / one.id}: holds no trial of {one.id}; run `cardpresent prove` first")
        yield _judged(one, json.loads(report.read_text(encoding="utf-8")), Journal.load(journal))


def _judged(one: Seeded, report: Mapping[str, Any], journal: Journal) -> Saved:
    found, differing = [], []
    for scenario in report["scenarios"]:
        if scenario["supplementary"]:
            continue
        for answer in scenario["findings"]:
            if answer["supplementary"] or not answer.get("asked"):
                continue
            again = judged_again(answer["asked"], journal)
            if again is None or (again.holds, again.requirement) != (answer["holds"], answer["requirement"]):
                differing.append(f"{answer['asked']['check']} in {scenario['id']}")
            elif again.holds is not None:
                found.append({
                    "asked": answer["asked"]["check"], "scenario": scenario["id"], "holds": again.holds,
                    "requirement": again.requirement, "check": again.check, "evidence": list(again.evidence),
                })  # fmt: skip
    return Saved(one, tuple(found), tuple(differing))


def mutations(saved: Sequence[Saved]) -> list[Mutated]:
    """Every check in turn."""
    return [_mutated(name, saved) for name in checks()]


def _mutated(name: str, saved: Sequence[Saved]) -> Mutated:
    rests, survive, unseen, alarmed = [], [], [], []
    for trial in saved:
        without = [answer for answer in trial.found if answer["asked"] != name]
        turned = [_turned(answer) if answer["asked"] == name else answer for answer in trial.found]
        if trial.seeded.kind == "benign":
            alarmed += [trial.seeded.id] if _red(turned) else []
            continue
        if not _killed(trial.seeded, trial.found):
            continue
        if any(answer["asked"] == name and is_foretold(trial.seeded, answer) for answer in _red(trial.found)):
            rests.append(trial.seeded.id)
        if not _killed(trial.seeded, without):
            survive.append(trial.seeded.id)
            killers = trial.seeded.header.scenarios
            unseen += [] if any(a["scenario"] in killers for a in _red(without)) else [trial.seeded.id]
    return Mutated(name, tuple(rests), tuple(survive), tuple(unseen), tuple(alarmed))


def _turned(answer: Answer) -> Answer:
    return {**answer, "holds": not answer["holds"]}


def _red(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer["holds"] is False]


def _killed(seeded: Seeded, answers: Iterable[Answer]) -> bool:
    return any(is_foretold(seeded, answer) for answer in _red(answers))
