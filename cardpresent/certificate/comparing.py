"""Two reports held against each other, line by line: what became worse, and what is no longer tested."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from cardpresent.model.outcome import WORST_FIRST, ScenarioOutcome

Report = Mapping[str, Any]
Kind = Literal["worse", "lost", "gone", "better", "new", "other"]

MET: Final = frozenset([ScenarioOutcome.PASSED, ScenarioOutcome.ATTESTED])
# Something was found out about the line: it was put to the till, or somebody answered for it.
TESTED: Final = MET | {ScenarioOutcome.FAILED, ScenarioOutcome.WARNING, ScenarioOutcome.WAIVED}
# No must may move like this unnoticed.
GATES: Final = frozenset(["worse", "lost", "gone"])


@dataclass(frozen=True, slots=True)
class Change:
    """One line that ended otherwise. `old` or `new` is None where that report has no such line.

    worse: a lower outcome than before · lost: tested before, and not now · gone: the new report does not hold it ·
    better · new: the old report did not hold it · other: what is known of the till is neither more nor worse.
    """

    id: str
    level: str
    statement: str
    old: ScenarioOutcome | None
    new: ScenarioOutcome | None
    kind: Kind
    reason: str | None

    @property
    def gates(self) -> bool:
        return self.level == "must" and self.kind in GATES


def changes(old: Report, new: Report) -> list[Change]:
    """What moved between two reports, what gates first, then in the order of the register."""
    found = list(_changes(old, new))
    return sorted(found, key=lambda change: (not change.gates, change.level != "must"))


def _changes(old: Report, new: Report) -> Iterator[Change]:
    before = {line["id"]: line for line in old["requirements"]}
    after = {line["id"]: line for line in new["requirements"]}
    for name in [*after, *(name for name in before if name not in after)]:
        was, now = before.get(name), after.get(name)
        line = now or was
        assert line is not None
        ended = [None if one is None else ScenarioOutcome(one["outcome"]) for one in (was, now)]
        if ended[0] != ended[1]:
            level = _level(was, now)
            yield Change(name, level, line["statement"], ended[0], ended[1], _kind(ended[0], ended[1]),
                         None if now is None else now["reason"])  # fmt: skip


def _level(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    """A must that became a should is a must here: that, too, is to be noticed."""
    return "must" if "must" in {one["level"] for one in (was, now) if one} else "should"


def _kind(old: ScenarioOutcome | None, new: ScenarioOutcome | None) -> Kind:
    if new is None:
        return "gone"
    if old is None:
        # Nobody promised anything about it before; whether it is met is the new run's own verdict.
        return "new"
    if old in TESTED and new not in TESTED:
        return "lost"
    if old not in TESTED and new not in TESTED:
        return "other"
    if old not in TESTED:
        return "worse" if new == ScenarioOutcome.FAILED else "better" if new in MET else "other"
    return "worse" if WORST_FIRST.index(new) < WORST_FIRST.index(old) else "better"


def apart(old: Report, new: Report) -> list[str]:
    """Why two reports are no two runs of one thing: they can be compared, and whoever reads it should know."""
    told = []
    for what, was, now in (
        ("till", old["till"].get("name"), new["till"].get("name")),
        ("venue", old.get("venue"), new.get("venue")),
        ("checklist revision", old.get("register_revision"), new.get("register_revision")),
    ):
        if was != now:
            told.append(f"another {what}: {was}, now {now}")
    for name, report in (("old", old), ("new", new)):
        if report.get("selected") is not None:
            told.append(f"the {name} run was narrowed")
    return told
