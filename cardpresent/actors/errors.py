"""Why a scenario stops before its last line, and whose turn it is then.

Refuted            the till did wrong: a finding that does not hold            failed
Undecided          the evidence decides nothing                               inconclusive
TillGone           the till's process ended by itself or from outside         failed or inconclusive
Untold             whoever was asked put the answer off                       untested
NotDemonstrated    the till does not offer what the scenario needs            not_demonstrated
NotApplicable      there is nothing at this till that could go wrong so       not_applicable
"""

from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Party


class Refuted(AssertionError):
    """A finding that does not hold."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class Undecided(Exception):
    """The scenario could not decide anything; `party` says whose turn it is."""

    def __init__(self, reason: str, party: Party = "harness") -> None:
        super().__init__(reason)
        self.reason = reason
        self.party = party


class TillGone(Exception):
    """The till's process ended without our doing. `by_itself` is False when a signal from outside ended it."""

    def __init__(self, reason: str, *, by_itself: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.by_itself = by_itself


class Untold(Exception):
    """Somebody was asked for what only a person can see, and did not answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotDemonstrated(Exception):
    """The till lacks a capability, or an observable, that the scenario needs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotApplicable(Exception):
    """What the scenario is about does not exist at this till, so that it can neither fail nor pass."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
