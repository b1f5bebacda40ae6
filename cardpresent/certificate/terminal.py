"""The last thing a run prints: verdict, counts worst first, what failed, where the page is, what to do next."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cardpresent.certificate.page import NAME, printable
from cardpresent.certificate.wording import LOOKS, SEALS, again, counted, whose_turn
from cardpresent.model.outcome import Exit

STYLES: Final = {"good": "green", "bad": "bold red", "care": "yellow", "note": "blue", "": ""}
FAILURES: Final = 12

Report = Mapping[str, Any]


def show(report: Report, out: Path, console: Console | None = None) -> None:
    """Print the end of a run, as a coloured table at a terminal and as plain lines anywhere else."""
    console = console or Console()
    if console.is_terminal:
        _rich(report, out, console)
    else:
        for line in plain(report, out):
            console.print(Text(line), soft_wrap=True)


def plain(report: Report, out: Path) -> Iterator[str]:
    """The same without a table: one fact a line, nothing wrapped, nothing coloured."""
    yield _verdict(report)
    for name, musts, shoulds, _ in _counts(report):
        yield f"  {name}: {counted(musts, 'must')}, {counted(shoulds, 'should')}"
    yield from _failures(report)
    yield from _closing(report, out)


def _rich(report: Report, out: Path, console: Console) -> None:
    seal = SEALS[report["verdict"]]
    console.print()
    console.print(Text(_verdict(report), style=STYLES[seal.colour]))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, justify in (("Outcome", "left"), ("Musts", "right"), ("Shoulds", "right"), ("", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for name, musts, shoulds, look in _counts(report):
        table.add_row(Text(name, STYLES[look.colour]), str(musts), str(shoulds), Text(look.meaning, "dim"))
    console.print(table)
    for line in _failures(report):
        console.print(Text(line))
    for line in _closing(report, out):
        console.print(Text(line), soft_wrap=True)


def _verdict(report: Report) -> str:
    musts = report["musts"]
    till = printable(str(report["till"].get("name") or "till"))
    waived = musts["counts"]["waived"]
    return (
        f"{SEALS[report['verdict']].name}: {till}, {musts['met']} of {counted(musts['applicable'], 'must')} met, "
        f"{musts['counts']['untested']} not testable here" + (f", {waived} waived" if waived else "")
    )


def _counts(report: Report) -> Iterator[tuple[str, int, int, Any]]:
    for outcome, look in LOOKS.items():
        musts, shoulds = report["musts"]["counts"][outcome], report["shoulds"]["counts"][outcome]
        if musts or shoulds:
            yield look.name, musts, shoulds, look


def _failures(report: Report) -> Iterator[str]:
    failed = [line for line in report["requirements"] if line["outcome"] == "failed"]
    for line in failed[:FAILURES]:
        finding = _finding(report, line["id"])
        if finding is None:
            yield f"  {line['id']}: {printable(str(line['reason']))}"
        else:
            expected, observed = (_one_line(finding[key]) for key in ("expected", "observed"))
            yield f"  {line['id']}: expected {expected}, observed {observed}"
    if len(failed) > FAILURES:
        yield f"  and {len(failed) - FAILURES} more on the certificate"
    outcomes = {line["id"]: line["outcome"] for line in report["requirements"]}
    for waiver in report["waivers"]:
        if outcomes.get(waiver["requirement"]) == "waived":
            told = f"{_one_line(waiver['reason'])} ({_one_line(waiver['owner'])})"
            yield f"  {waiver['requirement']}: waived until {waiver['expires']}, {told}"


def _closing(report: Report, out: Path) -> Iterator[str]:
    yield f"Certificate: {out / NAME}"
    failed = [line["id"] for line in report["requirements"] if line["outcome"] == "failed"]
    code = report["exit_code"]
    if failed:
        yield f"Next: mend it, then {again(dict(report), failed[0], _breaching(report, failed[0]), str(out))}"
    elif code == Exit.CERTIFIED:
        yield "Next: go through what could not be tested, and keep the certificate with the release"
    else:
        yield f"Next: {whose_turn(dict(report))}"
        for fault in report["faults"]:
            yield f"  {_one_line(fault['problem'])}"


def _breaching(report: Report, requirement: str) -> Report:
    """The first scenario that shows the breach, one that draws its own stimuli last."""
    showing = [
        scenario for scenario in report["scenarios"]
        for finding in scenario["findings"] if finding["requirement"] == requirement and finding["holds"] is False
    ]  # fmt: skip
    return min(showing, key=lambda scenario: bool(scenario.get("replay")), default={})


def _finding(report: Report, requirement: str) -> Report | None:
    for scenario in report["scenarios"]:
        for finding in scenario["findings"]:
            if finding["requirement"] == requirement and finding["holds"] is False and not finding.get("supplementary"):
                found: Report = finding
                return found
    return None


def _one_line(text: object) -> str:
    words = " ".join(str(printable(str(text))).split())
    return words if len(words) <= 200 else f"{words[:200]}…"
