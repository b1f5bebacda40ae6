"""The last thing a load run prints: verdict, what was measured beside its goals, the books, faults, what to do next."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from cardpresent.certificate.load_cards import causes
from cardpresent.certificate.load_measures import Measure, measures, shown
from cardpresent.certificate.load_page import NAME
from cardpresent.certificate.load_report import LoadRun, load_of
from cardpresent.certificate.load_words import (
    agreed,
    asked,
    command,
    goals_told,
    lost,
    measuring,
    payments,
    reasons,
    sums,
    turn,
)
from cardpresent.certificate.page import printable
from cardpresent.certificate.terminal import STYLES
from cardpresent.certificate.wording import SEALS, counted, sentence
from cardpresent.model.outcome import Exit

FAULTS: Final = 3
REASONS: Final = 2
CURRENCIES: Final = 2
MARGIN: Final = 10
# Of one fact: what is longer is on the page.
ROWS: Final = 2
WHOLE: Final = "whole"
COLOURS: Final = {True: "green", False: "bold red", None: "yellow"}

Report = Mapping[str, Any]
Line = tuple[str, str]


def show_load(report: Report, out: Path, console: Console | None = None) -> None:
    """Print the end of a load run: about 25 lines at 80 columns, coloured at a terminal and plain anywhere else.

    Raises ReportError for a report of another shape.
    """
    console = console or Console()
    if console.is_terminal:
        console.print()
    for text, style in lines(report, out):
        whole = style == WHOLE
        folded = [text] if whole or not console.is_terminal else fold(text, console.width)
        for each in folded:
            console.print(Text(each, "" if whole else style), soft_wrap=True)


def fold(text: str, width: int) -> list[str]:
    """A line that is too long goes on under its own words, not under its label."""
    indent = " " * (MARGIN if text[:1] != " " and text[:MARGIN].rstrip().isalpha() else 4)
    lines = textwrap.wrap(text, max(width, 40), subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True)
    if len(lines) > ROWS:
        lines = [*lines[: ROWS - 1], f"{lines[ROWS - 1][: width - 1]}…"]
    return lines or [""]


def lines(report: Report, out: Path) -> Iterator[Line]:
    """Each line with its style. One that is to be copied is WHOLE: no line break of ours in it at any width."""
    load = load_of(report)
    seal = SEALS[report["verdict"]]
    till = _one_line((report.get("till") or {}).get("name") or "till")
    yield f"{seal.name}: {till}, under {load.name}", STYLES[seal.colour]
    yield f"{sentence(goals_told(load))} {counted(len(causes(report)), 'fault')} found.", STYLES[seal.colour]
    if load.question:
        yield _one_line(load.question), ""
    yield _labelled("Asked", asked(load)), ""
    yield _labelled("Payments", payments(load)), ""
    yield from _measures(measures(load))
    yield from _books(report, load)
    yield from _faults(report, load)
    yield from _reasons(report, load)
    yield from _side(report, load)
    yield _labelled("Page", str(out / NAME)), WHOLE
    yield from _next(report, load)


def _reasons(report: Report, load: LoadRun) -> Iterator[Line]:
    """Why an incomplete run is so."""
    if report["verdict"] == "incomplete":
        told = reasons(report, load)
        for words in told[:REASONS]:
            yield f"  {_one_line(words)}", ""
        if len(told) > REASONS:
            yield f"  and {counted(len(told) - REASONS, 'more reason')} on the page", ""


def _measures(told: list[Measure]) -> Iterator[Line]:
    widths = [max(len(one.kind.label) for one in told), max(len(one.measured) for one in told)]
    goals = max((len(one.goal or "") for one in told), default=0)
    for one in told:
        start = f"  {one.kind.label:<{widths[0]}}  {one.measured:>{widths[1]}}"
        if one.goal is None:
            yield start, ""
        else:
            yield f"{start}  {one.goal:<{goals}}  {one.word}", COLOURS[one.holds]


def _books(report: Report, load: LoadRun) -> Iterator[Line]:
    told = f"{counted(load.books.sales, 'sale')} at the till, {counted(load.books.charges, 'charge')} at Stripe"
    yield _labelled("Books", told + (", agreed to the cent" if agreed(report, load) else "")), ""
    every = sums(load)
    for each in every[:CURRENCIES]:
        words = f"  {each.captured} collected, {each.refunded} refunded"
        if each.till is not None:
            words += f"; till {each.till}, difference {each.difference}"
        yield words, "bold red" if each.difference else ""
    if len(every) > CURRENCIES:
        yield f"  and {len(every) - CURRENCIES} more currencies on the page", ""
    if load.books.unclaimed:
        yield f"  {counted(len(load.books.unclaimed), 'payment')} at Stripe that no sale of the till claims", "bold red"


def _faults(report: Report, load: LoadRun) -> Iterator[Line]:
    found = causes(report)
    for sales in found[:FAULTS]:
        names = ", ".join(dict.fromkeys(finding["requirement"] for finding in sales[0]))
        gravest = min(sales[0], key=lambda finding: str(finding.get("severity", "S3")))
        times = f" in {counted(len(sales), 'sale')}" if len(sales) > 1 else ""
        yield f"  {names}{times}: {_one_line(gravest.get('headline') or gravest['observed'])}", "red"
    if len(found) > FAULTS:
        yield f"  and {counted(len(found) - FAULTS, 'more fault')} on the page", ""
    if found and load.left_out:
        yield f"  and {counted(load.left_out, 'more finding')} of the same kinds", ""


def _side(report: Report, load: LoadRun) -> Iterator[Line]:
    if load.windows:
        fired = sum(window.fired or 0 for window in load.windows)
        yield _labelled("Staged", f"{counted(len(load.windows), 'fault window')}, met {counted(fired, 'time')}"), ""
    if load.machine.parts:
        shares = ", ".join(f"{part.part} {shown(part.share, 'number')}" for part in load.machine.parts)
        cores = f" of {counted(load.machine.cores, 'core')}" if load.machine.cores else ""
        yield _labelled("CPU", f"{shares}{cores}"), ""
    told = measuring(load)
    if told.at_limit is not False:
        yield f"  {told.brief}", "yellow"
    if load.lost and report["verdict"] != "incomplete":
        yield _labelled("Lost", lost(load)), "yellow"


def _next(report: Report, load: LoadRun) -> Iterator[Line]:
    code = report["exit_code"]
    if code == Exit.REFUSED:
        yield f"Next: mend it, then {command(report, load)}", WHOLE
    elif code == Exit.CERTIFIED:
        yield "Next: keep the page with the release; hold the next run against it with cardpresent diff", ""
    else:
        yield f"Next: {turn(report, load)}", ""


def _labelled(label: str, text: str) -> str:
    return f"{label:<{MARGIN}}{_one_line(text)}"


def _one_line(text: object) -> str:
    return " ".join(str(printable(str(text))).split())
