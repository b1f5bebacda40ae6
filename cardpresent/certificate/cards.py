"""Failure cards: one for each cause, with what a shop's owner and its developers need to act."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cardpresent.certificate import books, exchange
from cardpresent.certificate.books import SaleBooks
from cardpresent.certificate.exchange import Gap, Line
from cardpresent.certificate.wording import PARTIES, SEVERITIES, again, sentence
from cardpresent.evidence.journal import Journal
from cardpresent.model.money import Money

HEADLINE: Final = 160
ALSO: Final = 12

Report = Mapping[str, Any]
Finding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """Expected and observed of one finding, or of several that say the same."""

    ids: tuple[str, ...]
    expected: str
    observed: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the same cause was seen again."""

    title: str
    sale: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """One cause. `ids[0]` is the line it is named after; `done` the steps; `log_left` how many lines are not shown.

    `command` repeats what went wrong: the line of the register, or the stimuli where the scenario drew them itself.
    `waiver`: what sets it aside, as the report has it; it is shown like any other all the same.
    """

    anchor: str
    ids: tuple[str, ...]
    level: str
    severity: str
    headline: str
    statement: str
    scenario: str
    done: tuple[str, ...]
    at_till: str
    staged: tuple[str, ...]
    results: tuple[Result, ...]
    exchange: tuple[Line | Gap, ...]
    log: tuple[str, ...]
    log_left: int
    books: SaleBooks | None
    responsible: str
    fix: str | None
    source: str | None
    command: str
    also: tuple[Place, ...]
    also_left: int
    waiver: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Cause:
    """Findings made in one scenario about one sale, the gravest first."""

    scenario: Mapping[str, Any]
    sale: str | None
    row: int
    findings: tuple[Finding, ...]

    @property
    def signature(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted({(f["requirement"], f["check"]) for f in self.findings}))


def cards(report: Report, journal: Journal) -> list[Card]:
    """Every breach of a must, gravest first, those that are waived last.

    The same cause in other scenarios joins the first card.
    """
    ranked = [*_alike(report, "failed"), *_alike(report, "waived")]
    return [_card(report, journal, f"f{k}", same) for k, same in enumerate(ranked, start=1)]


def _alike(report: Report, outcome: str) -> list[list[_Cause]]:
    """Causes on lines that ended so, the same ones together."""
    alike: dict[tuple[tuple[str, str], ...], list[_Cause]] = {}
    for cause in _causes(report, outcome):
        alike.setdefault(cause.signature, []).append(cause)
    order = {line["id"]: place for place, line in enumerate(report["requirements"])}
    return sorted(alike.values(), key=lambda same: _gravity(same[0].findings[0], order))


def unaccounted(report: Report, journal: Journal) -> tuple[list[Money], int]:
    """The money nobody accounts for in sales that breached a must, one sum per currency, and in how many sales."""
    sums: dict[str, Money] = {}
    sales = set()
    for cause in _causes(report, "failed"):
        if cause.sale is None or cause.sale in sales:
            continue
        table = books.of_sale(cause.sale, _entries(journal, cause))
        if table and table.unaccounted:
            sales.add(cause.sale)
            sums[table.currency] = sums.get(table.currency, Money.zero(table.currency)) + table.unaccounted
    return sorted(sums.values(), key=lambda money: money.currency), len(sales)


def _causes(report: Report, outcome: str) -> Iterator[_Cause]:
    """Breaches of the musts that ended so, scenario by scenario."""
    broken_lines = {
        line["id"] for line in report["requirements"] if line["outcome"] == outcome and line["level"] == "must"
    }
    order = {line["id"]: place for place, line in enumerate(report["requirements"])}
    for scenario in report["scenarios"]:
        if scenario.get("supplementary") or scenario["outcome"] not in ("failed", "waived", "warning", "passed"):
            continue
        groups: dict[tuple[int, str | None], list[Finding]] = {}
        for finding in scenario["findings"]:
            broken = finding["holds"] is False and not finding.get("supplementary")
            if broken and finding["requirement"] in broken_lines and finding["party"] == "product":
                groups.setdefault((finding.get("row", 0), finding.get("sale")), []).append(finding)
        for (row, sale), findings in groups.items():
            yield _Cause(scenario, sale, row, _gravest_first(findings, scenario["requirements"], order))


def _gravest_first(findings: Sequence[Finding], tags: Sequence[str], order: Mapping[str, int]) -> tuple[Finding, ...]:
    """Among equals a card is named after what the scenario was written for: its first tag."""
    tagged = {tag: place for place, tag in enumerate(tags)}

    def rank(finding: Finding) -> tuple[str, int, int]:
        severity, place = _gravity(finding, order)
        return severity, tagged.get(finding["requirement"], len(tagged)), place

    return tuple(sorted(findings, key=rank))


def _gravity(finding: Finding, order: Mapping[str, int]) -> tuple[str, int]:
    return str(finding.get("severity", "S3")), order.get(finding["requirement"], len(order))


def _card(report: Report, journal: Journal, anchor: str, same: Sequence[_Cause]) -> Card:
    cause = same[0]
    main = cause.findings[0]
    line = next(line for line in report["requirements"] if line["id"] == main["requirement"])
    entries = _entries(journal, cause)
    part = _part(cause)
    log = list(part.get("log") or ()) or [str(e.data.get("line", "")) for e in entries if e.kind == "log"]
    kept, left = exchange.own_log(log)
    evidence = {n for finding in cause.findings for n in finding.get("evidence") or ()}
    elsewhere = [Place(other.scenario["title"], other.sale) for other in same[1:]]
    return Card(
        anchor=anchor,
        ids=tuple(dict.fromkeys(finding["requirement"] for finding in cause.findings)),
        level=line["level"],
        severity=SEVERITIES.get(line["severity"], line["severity"]),
        headline=_headline(main),
        statement=sentence(line["statement"]),
        scenario=cause.scenario["title"],
        done=tuple(_done(part.get("steps") or ())),
        at_till=", then ".join(exchange.describe(e).text for e in entries if e.kind == "intent"),
        staged=tuple(cause.scenario.get("staged") or ()),
        results=tuple(_results(cause.findings)),
        exchange=tuple(exchange.lines(entries, evidence, main["expected"], main["observed"])),
        log=tuple(kept),
        log_left=left,
        books=books.of_sale(cause.sale, entries) if cause.sale else None,
        responsible=responsible(report, main["party"]),
        fix=line.get("usual_fix"),
        source=line.get("source"),
        command=again(dict(report), line["id"], cause.scenario),
        also=tuple(elsewhere[:ALSO]),
        also_left=max(0, len(elsewhere) - ALSO),
        waiver=next((w for w in report["waivers"] if _applied(w) and w["requirement"] == line["id"]), None),
    )


def responsible(report: Report, party: str) -> str:
    """Who has to move. Behind a connector or a gateway partner, what reaches Stripe may be either's."""
    behind = report["till"].get("behind")
    if behind and party == "product":
        return f"The till, or {behind}, through which it reaches Stripe."
    return PARTIES[party]


def _applied(waiver: Mapping[str, Any]) -> bool:
    return bool(waiver["state"] == "in_force")


def _part(cause: _Cause) -> Mapping[str, Any]:
    """The row of an outline the findings were made in, or the whole scenario."""
    rows = cause.scenario.get("rows")
    part: Mapping[str, Any] = rows[cause.row] if rows else cause.scenario
    return part


def _entries(journal: Journal, cause: _Cause) -> list[Any]:
    span = _part(cause).get("journal")
    evidence = {n for finding in cause.findings for n in finding.get("evidence") or ()}
    bounded = exchange.of_sale(journal, cause.scenario["id"], span, cause.sale)
    inside = {entry.n for entry in bounded}
    return [entry for entry in journal if entry.n in inside or entry.n in evidence]


def _headline(finding: Finding) -> str:
    text = str(finding.get("headline") or finding["observed"]).strip()
    text = text[:1].upper() + text[1:]
    return text if len(text) <= HEADLINE else f"{text[:HEADLINE].rstrip()}…"


def _results(findings: Sequence[Finding]) -> Iterator[Result]:
    same: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        said = sentence(finding["expected"]), sentence(finding["observed"])
        same.setdefault(said, []).append(finding["requirement"])
    for (expected, observed), ids in same.items():
        yield Result(tuple(dict.fromkeys(ids)), expected, observed)


def _done(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What was done, without what was then hoped for; a step that was not reached was not done."""
    for step in steps:
        if str(step.get("keyword", "")).strip() == "Then":
            return
        if step.get("status") in ("passed", "failed"):
            yield sentence(str(step["text"]))
