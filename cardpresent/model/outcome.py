"""The closed lists a verdict is made of: what a till says, how a scenario ends, what a run is worth."""

from enum import Enum, StrEnum
from typing import Final, Literal


class Outcome(Enum):
    """What came of asking for something. Three values, never two."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Standing(Enum):
    """Where the till says a sale stands: still collecting, held on the card, stored, or settled one way or the other.

    STORED: a card was read without a network; the payment waits at the till, and no bank has approved it yet.
    """

    COLLECTING = "collecting"
    HELD = "held"
    STORED = "stored"
    SETTLED = "settled"


class ScenarioOutcome(StrEnum):
    """How a scenario or a requirement ended, worst first."""

    FAILED = "failed"
    HARNESS_ERROR = "harness_error"
    CONFIG_ERROR = "config_error"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"
    NOT_DEMONSTRATED = "not_demonstrated"
    UNTESTED = "untested"
    WAIVED = "waived"
    WARNING = "warning"
    ATTESTED = "attested"
    PASSED = "passed"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST: Final = tuple(ScenarioOutcome)
Verdict = Literal["certified", "refused", "incomplete"]
Party = Literal["product", "harness", "configuration", "environment"]


class Exit(int, Enum):
    """Exit codes: what a shell or a CI job may branch on."""

    CERTIFIED = 0
    REFUSED = 1
    USAGE = 2
    CONFIGURATION = 3
    HARNESS = 4
    INCOMPLETE = 5


def worst(outcomes: "list[ScenarioOutcome]") -> ScenarioOutcome:
    """The worst of a non-empty list."""
    return min(outcomes, key=WORST_FIRST.index)
