"""The words, shapes and colours outcomes and verdicts go by, in every view."""

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

from cardpresent.certificate.verdict import EXECUTED
from cardpresent.model.outcome import Exit, ScenarioOutcome


@dataclass(frozen=True, slots=True)
class Look:
    """`shape` names a symbol of the sprite, `colour` a class, `bar` the pattern in the strip of musts."""

    name: str
    shape: str
    colour: str
    bar: str
    meaning: str


LOOKS: Final = {
    ScenarioOutcome.FAILED: Look("Failed", "fail", "bad", "f", "Seen to be broken"),
    ScenarioOutcome.HARNESS_ERROR: Look(
        "Harness fault", "warn", "care", "q", "The suite itself failed; it says nothing of the till"
    ),
    ScenarioOutcome.CONFIG_ERROR: Look(
        "Configuration fault", "warn", "care", "q", "The integration file does not describe this till"
    ),
    ScenarioOutcome.INCONCLUSIVE: Look("Inconclusive", "warn", "care", "q", "The evidence decides nothing"),
    ScenarioOutcome.NOT_RUN: Look("Not run", "warn", "care", "q", "Nothing was done about it in this run"),
    ScenarioOutcome.NOT_DEMONSTRATED: Look(
        "Not demonstrated", "warn", "care", "q", "Needs something the till does not offer"
    ),
    ScenarioOutcome.UNTESTED: Look("Untested", "open", "", "u", "Cannot be decided here"),
    ScenarioOutcome.WAIVED: Look("Waived", "waive", "care", "w", "Accepted by the owner until a date"),
    ScenarioOutcome.WARNING: Look(
        "Warning", "warn", "care", "q", "A should that does not hold, or what held only when tried again"
    ),
    ScenarioOutcome.ATTESTED: Look("Attested", "word", "note", "a", "The owner’s word"),
    ScenarioOutcome.PASSED: Look("Passed", "pass", "good", "p", "Seen to hold"),
    ScenarioOutcome.NOT_APPLICABLE: Look("Not applicable", "open", "", "", "Set aside by an answer in the profile"),
}
SEALS: Final = {
    "certified": Look("Certified", "pass", "good", "", ""),
    "refused": Look("Refused", "fail", "bad", "", ""),
    "incomplete": Look("Incomplete", "warn", "care", "", ""),
}
SEVERITIES: Final = {"S1": "S1 money", "S2": "S2 sale blocked", "S3": "S3 nuisance"}
VENUES: Final = {"emulator": "emulator", "test": "Stripe test mode"}
STIMULI: Final = {
    "stripe": "Stripe’s own behaviour",
    "emulated": "emulated",
    "injected": "injected between the till and Stripe",
}
PARTIES: Final = {
    "product": "The till.",
    "harness": "The suite.",
    "configuration": "The integration file.",
    "environment": "What stands around the till: network, machine, Stripe.",
}
# How a sentence about a waiver that is red begins.
WAIVERS: Final = "waivers: "
UNDECIDED: Final = (
    ScenarioOutcome.HARNESS_ERROR,
    ScenarioOutcome.CONFIG_ERROR,
    ScenarioOutcome.INCONCLUSIVE,
    ScenarioOutcome.NOT_RUN,
    ScenarioOutcome.NOT_DEMONSTRATED,
)


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 sale`, `2 sales`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def none_of(counts: dict[str, int], without: ScenarioOutcome = ScenarioOutcome.NOT_APPLICABLE) -> str:
    """The outcomes nothing ended in, as one sentence; empty when there are none such."""
    absent = [look.name.lower() for outcome, look in LOOKS.items() if not counts.get(outcome) and outcome != without]
    return f"None: {', '.join(absent)}." if absent else ""


def whose_turn(report: dict[str, Any]) -> str:
    """The first thing an incomplete verdict says: who has to move."""
    code = report["exit_code"]
    if code == Exit.HARNESS:
        return "It is the suite’s turn: it failed before it could judge the till."
    if code == Exit.CONFIGURATION:
        waivers = "It is the waivers’ turn: one has run out, or is not needed."
        file = "It is the integration file’s turn: the suite could not work the till as described."
        return waivers if report["faults"] and only_waivers(report) else file
    if report.get("selected") is not None:
        selected = report["selected"]
        asked = ", ".join(selected) if 0 < len(selected) <= 6 else counted(len(selected), "line")
        return f"It is another run’s turn: this one was narrowed to {asked}, and a narrowed run certifies nothing."
    if report["faults"]:
        return "It is another run’s turn: this one was cut short."
    counts = report["counts"]
    if not any(counts[outcome] for outcome in EXECUTED):
        return "It is another run’s turn: nothing was executed in this one."
    return _left_undecided(report)


def _left_undecided(report: dict[str, Any]) -> str:
    left = [line for line in report["requirements"] if line["level"] == "must" and line["outcome"] in UNDECIDED]
    if left and all(line["outcome"] == ScenarioOutcome.NOT_DEMONSTRATED for line in left):
        return (
            f"It is the integration file’s turn: {counted(len(left), 'must was', 'musts were')} not demonstrated. "
            "Describe what they need, or say under [capabilities] why it does not apply; cardpresent certify --plan "
            "names it."
        )
    return "It is another run’s turn: some musts were left undecided in this one."


def only_waivers(report: dict[str, Any]) -> bool:
    """Whether no fault of the run is about anything but a waiver."""
    return all(about_waiver(fault) for fault in report["faults"])


def about_waiver(fault: Mapping[str, Any]) -> bool:
    """Whether a fault of the run is nothing but a waiver that is red."""
    return str(fault["problem"]).startswith(WAIVERS)


def rerun(report: dict[str, Any], select: str | None = None) -> str:
    """The command that repeats this run, or one line of it."""
    words = ["cardpresent certify"]
    if report.get("integration"):
        words.append(f"--integration {quote(str(report['integration']))}")
    if report.get("venue") == "test":
        words.append("--stripe test")
    if select:
        words.append(f"--select {quote(select)}")
    if report.get("seed"):
        words.append(f"--seed {quote(str(report['seed']))}")
    return " ".join(words)


def again(report: dict[str, Any], line: str, scenario: Mapping[str, Any], folder: str = "") -> str:
    """The command that shows a breach once more: the line of the register, or the stimuli that a scenario drew.

    A replay file lies beside the report, in `folder`. What a person did, a person has to do again.
    """
    file = scenario.get("replay")
    if not file:
        return rerun(report, line) + (" --guided" if scenario.get("by") == "person" else "")
    till = f" --integration {quote(str(report['integration']))}" if report.get("integration") else ""
    return f"cardpresent replay {quote(f'{folder}/{file}' if folder else file)}{till}"


def sentence(text: str) -> str:
    """A capital at the start and a stop at the end, the rest as it was said. An id keeps its first letter."""
    text = text.strip()
    if not text:
        return text
    first = text[0] if "_" in text.split(maxsplit=1)[0] else text[0].upper()
    return first + text[1:] + ("" if text[-1] in ".!?”…" else ".")
