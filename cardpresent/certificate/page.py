"""certificate.html: the page people read, made from report.json and journal.jsonl and from nothing else."""

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from cardpresent.certificate import books
from cardpresent.certificate.books import RunBooks
from cardpresent.certificate.cards import Card, cards, unaccounted
from cardpresent.certificate.exchange import JOURNAL, read_journal
from cardpresent.certificate.report import NAME as REPORT
from cardpresent.certificate.report import read_report, write_whole
from cardpresent.certificate.verdict import EXECUTED
from cardpresent.certificate.wording import (
    LOOKS,
    SEALS,
    SEVERITIES,
    UNDECIDED,
    VENUES,
    about_waiver,
    counted,
    none_of,
    only_waivers,
    rerun,
    sentence,
    whose_turn,
)
from cardpresent.evidence.journal import Journal
from cardpresent.model.money import Money
from cardpresent.model.outcome import Exit, ScenarioOutcome
from cardpresent.model.printable import printable as fit_to_show

RELIED_ON: Final = ("redirection", "books_or_word", "fidelity", "sdk", "asked_in")
NAME: Final = "certificate.html"
TEMPLATE: Final = "certificate.html.j2"
CAUSES: Final = 6
AGAIN: Final = (None, "Run the whole checklist again.")
REMOVED: Final = "[removed]"

Report = dict[str, Any]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of the register that share an outcome and a reason."""

    outcome: ScenarioOutcome
    reason: str
    musts: tuple[str, ...]
    shoulds: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.musts) + len(self.shoulds)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One folder of the checklist: its scenarios, and how many of those that apply passed."""

    name: str
    passed: int
    scenarios: tuple[Line, ...]


def write_page(out: Path) -> Path:
    """Render `out`/certificate.html anew. Raises ReportError when the report cannot be used."""
    report = read_report(out)
    digest = hashlib.sha256((out / REPORT).read_bytes()).hexdigest()
    journal, whole = read_journal(out / JOURNAL)
    return write_whole(out / NAME, render(report, journal, digest=digest, journal_whole=whole))


def render(report: Report, journal: Journal, *, digest: str, journal_whole: bool = True) -> str:
    """The page as one text. It asks nothing of any network and runs no script."""
    every = cards(report, journal)
    found, waived = [c for c in every if not c.waiver], [c for c in every if c.waiver]
    context = {
        "report": report,
        "till": {**dict.fromkeys(("build", "kind", "country", "capture")), "name": "An unnamed till", **report["till"]},
        "reliance": {**dict.fromkeys(RELIED_ON), **report["reliance"]},
        "seal": SEALS[report["verdict"]],
        "venue": VENUES.get(report["venue"], report["venue"]),
        "venues": VENUES,
        "looks": {outcome.value: look for outcome, look in LOOKS.items()},
        "severities": SEVERITIES,
        "musts": report["musts"],
        "shoulds": report["shoulds"],
        "breached": report["musts"]["counts"]["failed"],
        "undecided_musts": sum(report["musts"]["counts"][outcome] for outcome in UNDECIDED),
        "claim": _claim(report),
        "lead": _lead(report, journal, found),
        "why": _why(report, journal, found),
        "next": _next(report, len(found)),
        "cards": found,
        "waived_cards": waived,
        # What is wrong with a waiver stands beside it, further down.
        "faults": [fault for fault in report["faults"] if not about_waiver(fault)],
        "undecided": _groups(report, UNDECIDED),
        "untested": _groups(report, (ScenarioOutcome.UNTESTED,)),
        "warnings": _warnings(report),
        "attested": _attested(report),
        "run_books": books.of_run(journal),
        "chapters": _chapters(report),
        "not_applicable": _not_applicable(report),
        "judged_by": _judged_by(report),
        "waivers_told": _waivers_told(report),
        "none_of": none_of(report["requirement_counts"]),
        "stimuli": _stimuli(report),
        "executed": sum(report["counts"][o] for o in EXECUTED),
        "scenario_count": sum(report["counts"].values()),
        "entries": len(journal),
        "journal_whole": journal_whole,
        "digest": digest,
        "again": rerun(report),
    }
    return environment().get_template(TEMPLATE).render(context)


def templates() -> Path:
    """The folder of the templates: inside the package once installed, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "suite" / "reports" / "certificate"
    return installed if installed.is_dir() else package.parent / "reports" / "certificate"


def printable(value: Any) -> Any:
    """Text with whatever could disturb the page replaced by a visible mark; other values as they are."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return fit_to_show(value)


def _compiled() -> jinja2.BytecodeCache | None:
    """Compiled pages are kept where Python keeps the bytecode of this module; None where it may keep none."""
    place = Path(cache_from_source(__file__)).parent
    if sys.dont_write_bytecode or not os.access(place, os.W_OK):
        return None
    return jinja2.FileSystemBytecodeCache(str(place), "%s.jinja2.pyc")


@cache
def environment() -> jinja2.Environment:
    """How every page is written: escaped, without control characters, and nothing undefined passes for empty."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates()),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable,
    )
    made.filters.update(
        cut=_cut, amount=_amount, signed=_signed, day=_day, counted=counted, sentence=sentence, link=_link, fold=_fold
    )
    made.tests["gap"] = lambda line: hasattr(line, "count")
    return made


def _cut(text: str) -> Markup:
    """Escaped text in which what was removed stands out."""
    return Markup('<span class="cut">removed</span>').join(escape(printable(p)) for p in str(text).split(REMOVED))


def _amount(money: Money | None) -> str:
    """An amount without its currency, with a real minus sign; a dash where nothing was promised."""
    return "–" if money is None else f"{money.decimal:,f}".replace("-", "−")


def _signed(money: Money) -> str:
    return _amount(money if money.minor_units <= 0 else Money(-money.minor_units, money.currency))


def _day(text: str | None) -> str:
    """2027-01-15 → 15 Jan 2027."""
    try:
        return f"{date.fromisoformat(text or ''):%-d %b %Y}"
    except ValueError:
        return str(text or "")


def _link(address: str | None) -> str | None:
    """An address that may stand in a link: https only."""
    return address if address and address.startswith("https://") else None


def _fold(digest: str) -> str:
    """The ends of a digest, as people compare them."""
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}"


def _claim(report: Report) -> str:
    breached = report["musts"]["counts"]["failed"]
    if report["verdict"] == "refused":
        return f"It breached {breached}. It is not ready to go live."
    if report["verdict"] == "incomplete":
        left = sum(report["musts"]["counts"][outcome] for outcome in UNDECIDED)
        undecided = f"{left} {'was' if left == 1 else 'were'} left undecided" if left else "the run did not end well"
        waived = report["musts"]["counts"]["waived"]
        breached = f"{waived} {'is' if waived == 1 else 'are'} waived, no other" if waived else "None"
        return f"{breached} was seen to be breached, but {undecided}. This page certifies nothing."
    if waived := report["musts"]["counts"]["waived"]:
        lines = f"{waived} {'is' if waived == 1 else 'are'} waived by the owner until a day that is named below"
        return f"{lines}; no other was breached. Another build needs another run."
    return "None was breached. Another build needs another run."


def _lead(report: Report, journal: Journal, found: Sequence[Card]) -> str:
    if report["verdict"] == "incomplete":
        return whose_turn(report)
    if report["verdict"] == "refused":
        breached, applicable = report["musts"]["counts"]["failed"], report["musts"]["applicable"]
        text = f"{counted(len(found), 'fault')}, breaching {breached} of {counted(applicable, 'must')}."
        sums, sales = unaccounted(report, journal)
        if sums:
            text += f" In this run {' and '.join(map(str, sums))} was left unaccounted for in {counted(sales, 'sale')}."
        return text
    waived = report["musts"]["counts"]["waived"]
    text = "Every must that can be tested here holds" + (f", {waived} waived by the owner aside." if waived else ".")
    if agreed := _agreed(journal):
        sums = [told.stripe.collected - told.stripe.refunded for told in agreed]
        # A currency that every till refused to sell in has no money to speak of.
        total = _listed([str(one) for one in sums if one] or [str(sums[0])])
        text += f" Till and Stripe agree to the cent: {total} in {counted(sum(t.sales for t in agreed), 'sale')}."
    return text


def _listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _agreed(journal: Journal) -> list[RunBooks]:
    """The books of each currency, if till and Stripe agree in every one of them; else nothing."""
    summed = [told for told in books.of_run(journal) if told.sales]
    till = [(told.till.collected, told.till.held, told.till.refunded) for told in summed]
    stripe = [(told.stripe.collected, told.stripe.held, told.stripe.refunded) for told in summed]
    return summed if till == stripe else []


def _why(report: Report, journal: Journal, found: Sequence[Card]) -> list[tuple[str | None, str]]:
    """Pairs of anchor and sentence."""
    if report["verdict"] == "refused":
        alike: dict[str, list[Card]] = {}
        for card in found:
            alike.setdefault(card.headline, []).append(card)
        first = list(alike.items())[:CAUSES]
        told: list[tuple[str | None, str]] = [
            (cards[0].anchor, headline if len(cards) == 1 else f"{headline} ({len(cards)} lines)")
            for headline, cards in first
        ]
        if more := len(found) - sum(len(cards) for _, cards in first):
            told.append(("failures", f"and {more} more below"))
        return told
    if report["verdict"] == "incomplete":
        told = [(None, sentence(fault["problem"])) for fault in report["faults"][:CAUSES]]
        for group in _groups(report, UNDECIDED)[: CAUSES - len(told)]:
            lines = counted(group.count, "line")
            told.append(("undecided", f"{LOOKS[group.outcome].name}, {lines}: {group.reason}"))
        return told or [(None, whose_turn(report))]
    passed = report["counts"]["passed"]
    repeated = report["attempts"] > sum(report["counts"].values())
    told = [(None, f"{counted(passed, 'scenario')} held" + ("." if repeated else ", each on its first attempt."))]
    if _agreed(journal):
        told.append(("books", "The books agreed."))
    if attested := report["musts"]["counts"]["attested"]:
        told.append(("attested", f"{counted(attested, 'must')} on the owner’s word."))
    if waived := report["requirement_counts"]["waived"]:
        told.append(("waivers", f"{counted(waived, 'line')} set aside by the owner."))
    return told


def _next(report: Report, found: int) -> list[tuple[str | None, str]]:
    code, build = report["exit_code"], report["till"].get("build")
    if code == Exit.REFUSED:
        what = f"build {build}" if build else "this build"
        return [
            (None, f"Do not go live with {what}."),
            ("failures", f"Give the {'card' if found == 1 else 'cards'} below to the till’s developers."),
            (None, "Run the failed lines again, then the whole checklist."),
        ]
    if code == Exit.HARNESS:
        return [
            (None, "Send report.json and journal.jsonl to those who keep the suite; both are redacted."),
            (None, "Run again: a fault that comes and goes is still theirs to mend."),
            (None, "Do not read anything into this page about the till."),
        ]
    if code == Exit.CONFIGURATION:
        if report["faults"] and only_waivers(report):
            return [("waivers", "Take what is red out of the waivers, or have it looked at again."), AGAIN]
        return [
            (None, "Mend the integration file where the reasons point."),
            (None, "Run cardpresent doctor until it has nothing to say."),
            AGAIN,
        ]
    if code == Exit.INCOMPLETE:
        return _to_complete(report)
    told: list[tuple[str | None, str]] = []
    if report["requirement_counts"]["waived"]:
        told.append(("waivers", f"Mend what is waived before {_day(_first_expiry(report))}."))
    if report["requirement_counts"]["untested"]:
        told.append(("untested", "Go through what could not be tested before opening."))
    if warned := report["requirement_counts"]["warning"]:
        told.append(("warnings", f"Decide on the {'warning' if warned == 1 else counted(warned, 'warning')}."))
    return [*told, (None, "Keep this page with the release.")]


def _judged_by(report: Report) -> list[tuple[str, list[str]]]:
    """The lines by whose eyes they rest on, where a person had a say in any; nothing where a machine saw all."""
    names = {("machine",): "by machine alone", ("machine", "person"): "by machine, and on what a person did or saw",
             ("person",): "on what a person did or saw"}  # fmt: skip
    found: dict[str, list[str]] = {name: [] for name in names.values()}
    for line in report["requirements"]:
        if told := names.get(tuple(line.get("judged_by", ()))):
            found[told].append(line["id"])
    if not any(found[told] for by, told in names.items() if "person" in by):
        return []
    return [(told, lines) for told, lines in found.items() if lines]


def _waivers_told(report: Report) -> str:
    """How many waivers there are, and of what kind where any is not simply in force."""
    if not report["waivers"]:
        return "No waiver"
    names = [waiver["state"].replace("_", " ") for waiver in report["waivers"]]
    kinds = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
    return f"{counted(len(names), 'waiver')} ({kinds})"


def _first_expiry(report: Report) -> str:
    return min(str(waiver["expires"]) for waiver in report["waivers"] if waiver["state"] == "in_force")


def _to_complete(report: Report) -> list[tuple[str | None, str]]:
    counts = report["musts"]["counts"]
    told: list[tuple[str | None, str]] = []
    if counts["not_demonstrated"]:
        text = "Offer what is missing in the integration file, or state there why it does not apply."
        told.append(("undecided", text))
    if counts["inconclusive"]:
        told.append(("undecided", "Read why the evidence decided nothing; the reason names what was missing."))
    if counts["not_run"] or not told:
        told.append((None, "Run the whole checklist, without narrowing it."))
    return told if counts["not_run"] or len(told) > 1 else [*told, (None, "Then run the whole checklist again.")]


def _groups(report: Report, outcomes: Sequence[ScenarioOutcome]) -> list[Group]:
    """Worst outcome first, then the largest group."""
    same: dict[tuple[str, str], list[Line]] = {}
    for line in report["requirements"]:
        if line["outcome"] in outcomes:
            same.setdefault((line["outcome"], line["reason"] or "no reason was given"), []).append(line)
    found = [
        Group(
            ScenarioOutcome(outcome),
            sentence(reason),
            tuple(line["id"] for line in lines if line["level"] == "must"),
            tuple(line["id"] for line in lines if line["level"] == "should"),
        )
        for (outcome, reason), lines in same.items()
    ]
    return sorted(found, key=lambda group: (list(ScenarioOutcome).index(group.outcome), -group.count))


def _warnings(report: Report) -> list[Mapping[str, Any]]:
    return [
        {**line, "text": sentence(line["reason"] or line["statement"])}
        for line in report["requirements"]
        if line["outcome"] == "warning"
    ]


def _attested(report: Report) -> list[Mapping[str, Any]]:
    """Each answer once, with the lines (`ids`: id and level) that rest on it."""
    outcomes = {line["id"]: line for line in report["requirements"]}
    same: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in report["attestations"]:
        line = outcomes.get(one["requirement"], {})
        if line.get("outcome") == "attested":
            key = tuple(str(one.get(name)) for name in ("statement", "by", "on", "sha256"))
            same.setdefault(key, {**one, "ids": []})["ids"].append((line["id"], line["level"]))
    return list(same.values())


def _chapters(report: Report) -> list[Chapter]:
    chapters: dict[str, list[Line]] = {}
    for scenario in report["scenarios"]:
        if not scenario.get("supplementary"):
            name = str(scenario.get("chapter") or scenario.get("feature") or "Other")
            chapters.setdefault(name, []).append(scenario)
    return [
        Chapter(
            sentence(name.replace("_", " ").replace("-", " ")).rstrip("."),
            sum(scenario["outcome"] == "passed" for scenario in scenarios),
            tuple(sorted(scenarios, key=lambda s: list(ScenarioOutcome).index(ScenarioOutcome(s["outcome"])))),
        )
        for name, scenarios in chapters.items()
    ]


def _not_applicable(report: Report) -> list[tuple[str, list[str]]]:
    reasons: dict[str, list[str]] = {}
    for line in report["not_applicable"]:
        reasons.setdefault(line["reason"] or "no reason was given", []).append(line["id"])
    return sorted(reasons.items(), key=lambda each: -len(each[1]))


def _stimuli(report: Report) -> str:
    staged = [what for s in report["scenarios"] if not s.get("supplementary") for what in s.get("staged") or ()]
    emulated = sum(what.startswith("emulated") for what in staged)
    if not staged:
        return "Stripe’s own behaviour only; no fault was staged."
    faults = counted(len(staged), "staged fault")
    return f"{faults}: {emulated} emulated, {len(staged) - emulated} injected on the wire."
