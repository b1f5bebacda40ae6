"""Every attempt of a scenario, in this run and in those it runs again: an earlier failure is never forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cardpresent.model.outcome import ScenarioOutcome, worst

Try = dict[str, Any]
Record = Mapping[str, Any]
Earlier = Mapping[str, Sequence[Try]]

# What the till itself did wrong; that a suite, a file or a machine failed before says nothing of the till.
BROKE: Final = (ScenarioOutcome.FAILED, ScenarioOutcome.WARNING, ScenarioOutcome.WAIVED)


def tries_of(scenario: Record, about: Mapping[str, Any]) -> list[Try]:
    """The attempts of one run, in their order.

    One entry each: {run, date, venue, build, seed, outcome, reason, broken}, where `about` says the first five and
    `broken` lists {requirement, expected, observed} of what was seen not to hold. The rows of an outline, and the tills
    that one scenario was put to, are one attempt: the worst of them counts.
    """
    rows = scenario.get("rows") or [scenario]
    attempts: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        attempts.setdefault(int(row.get("attempt") or 1), []).append(number)
    return [
        {**about, **_ended([rows[number] for number in numbers]), "broken": _broken(scenario, numbers)}
        for _, numbers in sorted(attempts.items())
    ]


def _ended(rows: Sequence[Record]) -> dict[str, Any]:
    outcome = worst([ScenarioOutcome(row["outcome"]) for row in rows])
    return {
        "outcome": outcome.value,
        "reason": next((row.get("reason") for row in rows if row["outcome"] == outcome), None),
    }


def _broken(scenario: Record, rows: Sequence[int]) -> list[dict[str, str]]:
    return [
        {key: finding[key] for key in ("requirement", "expected", "observed")}
        for finding in scenario["findings"]
        if finding["holds"] is False and finding.get("row", 0) in rows and not finding.get("supplementary")
    ]


def with_tries(scenarios: Iterable[Record], earlier: Earlier, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The scenarios with `tries` and their number, `attempts`.

    One that holds now and did not before, in the same build, ends as a warning: `unsteady` names the lines it broke.
    """
    return [_with_tries(scenario, list(earlier.get(scenario["id"], ())), about) for scenario in scenarios]


def _with_tries(scenario: Record, before: Sequence[Try], about: Mapping[str, Any]) -> dict[str, Any]:
    tries = [*before, *tries_of(scenario, about)]
    told = {**scenario, "tries": tries, "attempts": len(tries)}
    if scenario["outcome"] != ScenarioOutcome.PASSED:
        return told
    unsteady = [(number, one) for number, one in enumerate(before, start=1) if _breaks(one, about)]
    if not unsteady:
        return told
    number, one = unsteady[-1]
    lines = list(dict.fromkeys(seen["requirement"] for _, each in unsteady for seen in each["broken"]))
    seen = one["broken"][0]
    reason = (
        f"held at try {len(tries)}; at try {number}, in run {one['run']}, {seen['requirement']} did not: "
        f"expected {seen['expected']}, observed {seen['observed']}"
    )
    return {**told, "outcome": ScenarioOutcome.WARNING.value, "reason": reason, "unsteady": lines}


def _breaks(one: Try, about: Mapping[str, Any]) -> bool:
    """Whether an earlier attempt found a fault that nobody says was mended: another build is another till."""
    mended = bool(one["build"] and about["build"] and one["build"] != about["build"])
    return one["outcome"] in BROKE and bool(one["broken"]) and not mended
