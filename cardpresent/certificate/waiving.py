"""What became of each waiver in a run: in force, or red because it has run out or sets nothing aside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from cardpresent.certificate.requirements import Judged
from cardpresent.certificate.wording import WAIVERS
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.profile.waivers import Waiver

Record = Mapping[str, Any]

# Nothing is known of such a line, so nobody can say that its waiver is not needed.
NOT_KNOWN: Final = frozenset(
    [
        ScenarioOutcome.HARNESS_ERROR, ScenarioOutcome.CONFIG_ERROR, ScenarioOutcome.INCONCLUSIVE,
        ScenarioOutcome.NOT_RUN,
    ]
)  # fmt: skip
BROKEN: Final = (ScenarioOutcome.FAILED, ScenarioOutcome.WARNING)


def states(waivers: Iterable[Waiver], judged: Sequence[Judged], venue: str, today: date) -> list[dict[str, Any]]:
    """Every waiver as the report holds it: its own keys, `outcome` of its line, and `state`.

    in_force: its line is set aside · expired · unused: its line needs no waiver · undecided: this run cannot tell
    whether it does · elsewhere: it speaks of another venue.
    """
    outcomes = {line.id: line.outcome for line in judged}
    return [
        {
            "requirement": one.requirement, "venue": one.venue,
            "state": _state(one, outcomes.get(one.requirement), venue, today),
            "outcome": outcomes[one.requirement].value if one.requirement in outcomes else None, "owner": one.owner,
            "reason": one.reason, "link": one.link, "created": one.created.isoformat(),
            "expires": one.expires.isoformat(),
        }
        for one in waivers
    ]  # fmt: skip


def _state(waiver: Waiver, outcome: ScenarioOutcome | None, venue: str, today: date) -> str:
    if waiver.expires < today:
        return "expired"
    if not waiver.covers(venue):
        return "elsewhere"
    if outcome == ScenarioOutcome.WAIVED:
        return "in_force"
    return "undecided" if outcome in NOT_KNOWN else "unused"


def problems(told: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One sentence for each waiver that is red: the file says of the till what is not so, or not so any more."""
    for one in told:
        if one["state"] == "expired":
            fix = "have it looked at again, or mend the till, and take it out of the file"
            yield f"{WAIVERS}{one['requirement']}: expired on {one['expires']}; {fix}"
        elif one["state"] == "unused":
            outcome = str(one["outcome"] or "not in the register").replace("_", " ")
            yield f"{WAIVERS}{one['requirement']}: is not needed, the line is {outcome}; take it out of the file"


def set_aside(scenarios: Iterable[Record], judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """The scenarios, those that broke nothing but waived lines as waived. Their findings stay as they are."""
    waived = {line.id: line.reason for line in judged if line.outcome == ScenarioOutcome.WAIVED}
    return [_set_aside(scenario, waived) for scenario in scenarios]


def _set_aside(scenario: Record, waived: Mapping[str, str | None]) -> dict[str, Any]:
    broken = [f["requirement"] for f in scenario["findings"] if f["holds"] is False and not f.get("supplementary")]
    if scenario["outcome"] not in BROKEN or not broken or not waived.keys() >= set(broken):
        return dict(scenario)
    lines = ", ".join(dict.fromkeys(broken))
    return {**scenario, "outcome": ScenarioOutcome.WAIVED.value, "reason": f"{lines} waived: {waived[broken[0]]}"}
