"""What a run found: fidelity-differences.md to read, fidelity-differences.json to work with, lines for the terminal."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fidelity.accepted import Accepted
from tests.fidelity.comparing import ABSENT
from tests.fidelity.replaying import Found, Played

LONG = 120
VALUES_MAX = 3


@dataclass(slots=True)
class Line:
    """One line of the report. `more` pairs of values at the same place are not shown."""

    operation: str
    place: str
    emulator: str
    stripe: str
    found: list[Found]
    more: int = 0


@dataclass(slots=True)
class Outcome:
    """Everything one run can tell."""

    upstream: str
    country: str
    run: str
    played: list[Played] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # test -> reason
    silent: int = 0  # tests that say nothing over the wire
    requests: int = 0
    tries_again: int = 0
    removed: int = 0
    kept: list[str] = field(default_factory=list)
    cut_short: str = ""

    @property
    def found(self) -> list[Found]:
        return [one for test in self.played for one in test.found]

    def by_place(self) -> dict[tuple[str, str, str, str], list[Found]]:
        """The same difference in many tests is one line: operation, place, both values -> where it was found."""
        places: dict[tuple[str, str, str, str], list[Found]] = defaultdict(list)
        for one in self.found:
            told = one.difference
            places[one.operation, told.place, value(told.emulator), value(told.stripe)].append(one)
        return dict(sorted(places.items()))

    def lines(self) -> list[Line]:
        """By place; where many values differ, a few of them speak for all."""
        told: list[Line] = []
        shown: Counter[tuple[str, str]] = Counter()
        for (operation, place, ours, theirs), found in self.by_place().items():
            shown[operation, place] += 1
            if shown[operation, place] <= VALUES_MAX:
                told.append(Line(operation, place, ours, theirs, found))
            else:
                told[-1].more += 1
        return told


def value(given: Any) -> str:
    """A value in one line."""
    text = "(absent)" if given is ABSENT else json.dumps(given, ensure_ascii=False)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def write(outcome: Outcome, accepted: Accepted, folder: Path, hidden: str) -> Path:
    """Writes both files and says where the first is. `hidden` is the key: it stands in neither."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "fidelity-differences.md"
    page.write_text(without(hidden, as_markdown(outcome, accepted)), encoding="utf-8")
    raw = json.dumps(as_json(outcome, accepted), indent=1, ensure_ascii=False)
    page.with_suffix(".json").write_text(without(hidden, raw) + "\n", encoding="utf-8")
    return page


def without(hidden: str, text: str) -> str:
    """`text` without the key, should anybody have answered it."""
    return text.replace(hidden, "[removed]")


def as_json(outcome: Outcome, accepted: Accepted) -> dict[str, Any]:
    return {
        "upstream": outcome.upstream, "country": outcome.country, "run": outcome.run,
        "complete": not outcome.cut_short, "cut_short": outcome.cut_short,
        "counts": {
            "tests_replayed": len(outcome.played), "tests_left_out": len(outcome.left_out),
            "tests_silent": outcome.silent, "requests": outcome.requests, "tries_again": outcome.tries_again,
            "differences": len(outcome.by_place()), "accepted": sum(accepted.met.values()),
        },
        "differences": [
            {
                "test": one.test, "n": one.n, "operation": one.operation, "request": one.request,
                "path": one.difference.path, "emulator": _json(one.difference.emulator),
                "stripe": _json(one.difference.stripe),
            }
            for one in outcome.found
        ],
        "stopped": {test.test: test.stopped for test in outcome.played if test.stopped},
        "left_out": outcome.left_out,
        "accepted": [{"operation": e.operation, "path": e.path, "reason": e.reason, "met": accepted.met[e]}
                     for e in accepted.entries],
        "removed_at_stripe": outcome.removed, "kept_at_stripe": outcome.kept,
    }


def _json(given: Any) -> Any:
    return {"absent": True} if given is ABSENT else given


def as_markdown(outcome: Outcome, accepted: Accepted) -> str:
    lines = [
        "# The emulator held against Stripe", "",
        f"Upstream {outcome.upstream}, an account in {outcome.country}, run `{outcome.run}`. {summary(outcome)}", "",
    ]
    by_operation: dict[str, list[str]] = defaultdict(list)
    for line in outcome.lines():
        first, tests = line.found[0], len({one.test for one in line.found})
        more = f" and {tests - 1} more" if tests > 1 else ""
        by_operation[line.operation].append(
            f"| `{line.place}` | {_cell(line.emulator)} | {_cell(line.stripe)} | `{first.request}` | "
            f"{_short(first.test)}{more} |"
        )
        if line.more:
            by_operation[line.operation].append(f"| `{line.place}` | … | … | {line.more} more pairs of values | |")
    for operation, rows in by_operation.items():
        lines += [f"## {operation}", "", "| where | emulator | Stripe | request | test |", "|---|---|---|---|---|",
                  *rows, ""]
    stopped = [f"- {_short(test.test)}: {test.stopped}" for test in outcome.played if test.stopped]
    lines += _section("Not played to the end", stopped)
    settled = Counter(one for test in outcome.played for one in test.settled)
    lines += _section("Agreed only after Stripe was given time", [
        f"- {operation} `{place}`: {number} times" for (operation, place), number in sorted(settled.items())
    ])
    lines += _section("Accepted", [
        f"- `{e.operation}` `{e.path}`: met {accepted.met[e]} times. {e.reason}" for e in accepted.entries
    ])
    reasons: dict[str, list[str]] = defaultdict(list)
    for test, reason in outcome.left_out.items():
        reasons[reason].append(_short(test))
    lines += _section("Cannot be staged at Stripe", [
        f"- {reason} ({len(tests)}): {', '.join(tests)}" for reason, tests in sorted(reasons.items())
    ])
    lines += _section("Left at Stripe", [f"- {id}" for id in outcome.kept])
    return "\n".join(lines)


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""] if lines else []


def _cell(text: str) -> str:
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`"


def _short(test: str) -> str:
    return test.rpartition("/")[2]


def summary(outcome: Outcome) -> str:
    """The run in a few sentences."""
    sent = sum(test.sent for test in outcome.played)
    differences = len(outcome.by_place())
    told = [
        f"{len(outcome.played)} tests replayed with {sent} requests",
        f"{differences or 'no'} difference{'s' if differences != 1 else ''}",
        f"{len(outcome.left_out)} tests cannot be staged at Stripe",
    ]
    if outcome.silent:
        told.append(f"{outcome.silent} tests say nothing over the wire")
    ending = f" Cut short: {outcome.cut_short}." if outcome.cut_short else ""
    return ", ".join(told[:-1]) + f" and {told[-1]}.{ending}"


def for_the_terminal(outcome: Outcome, accepted: Accepted, page: Path) -> list[str]:
    lines = [f"Fidelity: {summary(outcome)}"]
    for line in outcome.lines():
        lines.append(f"  {line.operation} {line.place}: emulator {line.emulator}, Stripe {line.stripe}"
                     f" ({len(line.found)} times)")
        if line.more:
            lines.append(f"  {line.operation} {line.place}: {line.more} more pairs of values")
    for reason, number in Counter(outcome.left_out.values()).most_common():
        lines.append(f"  Left out: {number} × {reason}")
    unmet = [f"{e.operation} {e.path}" for e in accepted.entries if not accepted.met[e]]
    if unmet and not outcome.cut_short:
        lines.append(f"  Accepted and not met: {', '.join(unmet)}")
    if outcome.kept:
        lines.append(f"  Left at Stripe: {', '.join(outcome.kept)}")
    return [*lines, f"Report: {page}"]
